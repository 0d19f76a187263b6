import BatutaCore
import Testing

@Suite struct NearestNamesTests {
    static let tools = ["list_campaigns", "pause_campaign", "create_campaign", "get_metrics", "search", "campaign_id", "status"]

    @Test(arguments: [
        ("campain_id", "campaign_id"), ("pause_campaing", "pause_campaign"), ("serach", "search"), ("Status", "status"),
        ("statsu", "status"), ("pauseCampaign", "pause_campaign"),
        ("metrics", "get_metrics"), ("listcampaigns", "list_campaigns"),
    ])
    func `a misspelt name finds what was meant`(name: String, meant: String) {
        #expect(nearestNames(to: name, among: Self.tools).first == meant)
    }

    @Test(arguments: ["", "x", "delete_user", "ab", "zzzzzzzz"]) func `a name unlike any finds nothing`(name: String) {
        #expect(nearestNames(to: name, among: Self.tools).isEmpty)
    }

    @Test func `the limit holds and long names cost little`() {
        #expect(nearestNames(to: "campaign", among: Self.tools, limit: 2).count == 2)
        #expect(nearestNames(to: "campaign", among: Self.tools, limit: 0).isEmpty)
        let long = String(repeating: "x", count: 1_000_000)
        #expect(nearestNames(to: long, among: [long + "y", "b"]).count == 1)
    }
}
