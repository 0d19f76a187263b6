/// The version of this program (semver.org).
public enum BatutaVersion {
    public static let current = "0.1.0"
}
