import BatutaCore
import BatutaStorage

extension StoredClock {
    /// What an operator should know when the machine's clock was set; nil while both agree.
    var trouble: Words? {
        let seconds = lead.components.seconds
        guard abs(seconds) >= 60 else { return nil }
        let (minutes, isAhead) = (abs(seconds) / 60, seconds > 0)
        return Words(
            """
            This machine's clock was set: the project's clock is \(minutes) min \(isAhead ? "ahead of" : "behind") it and goes \
            \(isAhead ? "half" : "twice") as fast until they agree. Check the machine's time (timedatectl).
            """,
            """
            O relógio desta máquina foi acertado: o do projeto está \(minutes) min \(isAhead ? "adiantado" : "atrasado") e anda \
            \(isAhead ? "na metade" : "no dobro") do ritmo até os dois coincidirem. Confira a hora da máquina (timedatectl).
            """
        )
    }
}
