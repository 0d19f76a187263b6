import Glibc

Signals.shared.start()
exit(await Program.run(Array(CommandLine.arguments.dropFirst())).rawValue)
