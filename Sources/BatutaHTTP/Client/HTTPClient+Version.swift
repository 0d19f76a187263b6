import CCurl

extension HTTPClient {
    /// The version of the libcurl that is loaded, such as `7.88.1`.
    public static var libraryVersion: String { String(cString: bcurl_version()) }
}
