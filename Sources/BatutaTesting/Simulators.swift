// Tests that stand on simulators need no other import.
@_exported public import BatutaSimulators
