//! A host that closes every descriptor that it does not know keeps its own files to itself.

use telemetry_tests::{Sandbox, run};

use crate::{check_sums, ledger};

#[test]
fn o03_a_host_that_closes_what_it_does_not_know_keeps_its_own_files() {
    for what in ["events", "command", "consent", "status", "fork"] {
        let sandbox = Sandbox::new();
        let output = run(sandbox.probe("close-all").arg(what));
        let said = String::from_utf8(output.stdout).unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{what}: {}\n{said}\n{errors}", output.status);
        let ledger = ledger(&said);
        check_sums(&ledger);
        // What was on disk is sent after all, and what comes later finds its way; an event in between may be lost, counted.
        let lost = ledger["disk"].as_u64().unwrap();
        assert!(lost <= 1, "{what}: {said}");
        let sum = |name: &str| ledger[name].as_u64().unwrap();
        assert_eq!(sum("sent") + sum("waiting") + lost, sum("accepted"), "{what}: {said}");
        assert_eq!(sandbox.events().len() as u64, sum("sent"), "{what}: {said}");
        // The ledger on disk knows of every event, and of none twice.
        let later = run(&mut sandbox.probe("record-status"));
        let status: serde_json::Value = serde_json::from_slice(&later.stdout).unwrap();
        let (total, later) = (&status["total"]["counts"], &status["ledger"]);
        for name in ["offered", "accepted", "disk"] {
            assert_eq!(total[name].as_u64().unwrap(), sum(name) + later[name].as_u64().unwrap(), "{what}: {status}");
        }
    }
}
