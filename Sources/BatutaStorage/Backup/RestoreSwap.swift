import BatutaCore
import Glibc

/// Puts a restored store in the place of the one that is there, in steps of which each can be the last before a crash.
///
/// The restored store is made in `restore.new`. Renaming that to `restore.ready` decides: from then on whoever takes the store's lock finishes
/// the exchange. For blobs and then for the tables: what is in place goes aside, then what is ready goes in place; what is no longer
/// among the ready ones is in place already.
enum RestoreSwap {
    /// Where the old store goes and how the file of the new one is called.
    struct Plan {
        var database: String
        var aside: String

        var bytes: [UInt8] { Array((["database": .string(database), "aside": .string(aside)] as JSON).text.utf8) }

        init(database: String, aside: String) {
            self.database = database
            self.aside = aside
        }

        init?(_ bytes: [UInt8]) {
            guard let json = try? JSON.parse(bytes), let database = json["database"]?.string, let aside = json["aside"]?.string,
                !database.contains("/"), !aside.contains("/")
            else { return nil }
            self.init(database: database, aside: aside)
        }
    }

    static func staging(in folder: String) -> String { folder + "/restore.new" }
    private static func ready(in folder: String) -> String { folder + "/restore.ready" }

    /// Decides for what lies in the staging folder: `store.db`, and `blobs`, which may be empty.
    static func decide(_ plan: Plan, in folder: String) throws(StorageError) {
        let staging = staging(in: folder)
        guard !DurableFile.isThere("\(staging)/\(BackupArchive.store)-wal") else {
            throw StorageError(.misuse, "the restored tables are still open, and would lose what was written to them last")
        }
        try DurableFile.write(plan.bytes, to: staging + "/plan.json", in: staging)
        try DurableFile.move(staging, to: ready(in: folder), in: folder)
    }

    /// Does what is left of an exchange that was decided; nothing when there is none.
    static func finish(in folder: String) throws(StorageError) {
        let ready = ready(in: folder)
        guard DurableFile.isThere(ready) else { return }
        if let plan = Plan(try DurableFile.read(ready + "/plan.json")) {
            let aside = folder + "/" + plan.aside
            try exchange(ready + "/blobs", BackupArchive.blobs, [""], aside, in: folder)
            try exchange(ready + "/" + BackupArchive.store, plan.database, ["-wal", "-shm", "-journal", ""], aside, in: folder)
        } else {
            throw StorageError(.corrupt, "\(ready)/plan.json cannot be read: move \(ready) away and restore the backup again")
        }
        // Cannot lose its plan before it is gone as a whole: the new name is not looked at.
        let done = folder + "/restore.done"
        try DurableFile.removeTree(done)
        try DurableFile.move(ready, to: done, in: folder)
        try DurableFile.removeTree(done)
    }

    /// - Parameter parts: Suffixes of the files that belong together; the main one last.
    private static func exchange(_ new: String, _ name: String, _ parts: [String], _ aside: String, in folder: String) throws(StorageError)
    {
        guard DurableFile.isThere(new) else { return }
        for part in parts.map({ name + $0 }) where DurableFile.isThere("\(folder)/\(part)") {
            try DurableFile.makeFolder(aside)
            try DurableFile.move("\(folder)/\(part)", to: "\(aside)/\(part)", in: aside)
            try DurableFile.flushFolder(folder)
        }
        try DurableFile.move(new, to: "\(folder)/\(name)", in: folder)
        try DurableFile.flushFolder(ready(in: folder))
    }
}
