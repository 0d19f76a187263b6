import CSQLite

extension SQLiteDatabase {
    /// The version of the SQLite that is loaded, such as `3.40.1`.
    public static var libraryVersion: String { String(cString: sqlite3_libversion()) }
}
