import BatutaAgents
import BatutaCore
import Testing

@Suite struct RecoveryReportTests {
    struct Row: Sendable {
        var resumed: Int
        var waiting: Int
        var paused = 0
        var elsewhere = 0
        var english: String?
        var portuguese: String?
    }

    @Test(arguments: [
        Row(resumed: 0, waiting: 0),
        Row(resumed: 1, waiting: 0, english: "1 run went on.", portuguese: "1 execução continuou."),
        Row(resumed: 2, waiting: 0, english: "2 runs went on.", portuguese: "2 execuções continuaram."),
        Row(resumed: 0, waiting: 1, english: "1 run waits for you.", portuguese: "1 execução espera por você."),
        Row(resumed: 0, waiting: 5, english: "5 runs wait for you.", portuguese: "5 execuções esperam por você."),
        Row(resumed: 1, waiting: 1, english: "1 run went on, 1 waits for you.", portuguese: "1 execução continuou, 1 espera por você."),
        Row(resumed: 3, waiting: 5, english: "3 runs went on, 5 wait for you.", portuguese: "3 execuções continuaram, 5 esperam por você."),
        Row(resumed: 0, waiting: 0, paused: 1, english: "1 run is paused.", portuguese: "1 execução está em pausa."),
        Row(
            resumed: 1,
            waiting: 0,
            paused: 2,
            english: "1 run went on. 2 runs are paused.",
            portuguese: "1 execução continuou. 2 execuções estão em pausa."
        ),
        Row(
            resumed: 0,
            waiting: 1,
            elsewhere: 3,
            english: "1 run waits for you. 3 runs are other nodes'; what a node that is gone left goes on within 40 s.",
            portuguese: "1 execução espera por você. 3 execuções são de outros nós; o que um nó que caiu deixou continua em até 40 s."
        ),
    ])
    func `what a start found is told with the right numbers`(_ row: Row) {
        let report = RecoveryReport(resumed: row.resumed, awaitingHuman: row.waiting, paused: row.paused, elsewhere: row.elsewhere)
        let text = report.text
        #expect(report.isEmpty == (text == nil))
        #expect(text?.english == row.english && text?.portuguese == row.portuguese)
    }
}
