//! The trace: a line a span or event, each a JSON object, with sizes and verdicts and nothing of the guest's.

mod support;

use std::collections::BTreeMap;

use mentor_sandbox::{Error, Restore, trace};
use serde_json::Value;

use support::{job, sandbox};

fn lines(path: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// One test, since a process has one trace.
#[test]
fn a_line_tells_what_happened_and_nothing_of_the_guest_s() {
    let path = std::env::temp_dir().join(format!("mentor-trace-{}.jsonl", std::process::id()));
    let Err(Error::Option { reason, .. }) = trace("loud", None) else {
        panic!("accepted a level of no name")
    };
    assert_eq!(reason, "there is no level \"loud\"; expected off, error, warn, info, debug, trace");
    trace("trace", Some(path.clone())).unwrap();

    let secret = "s3cret";
    let sandbox = sandbox(&format!("x = '{secret}'"), Restore::Barrier);
    let jobs = ["print(x); x", "open('/tmp/' + x, 'w').write(x); raise ValueError(x)", "while x: pass"];
    sandbox.run_batch(jobs.map(|source| job(source, false)).to_vec(), || true).unwrap();
    drop(sandbox);

    let all = lines(&path);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains(secret) && !text.contains("ValueError") && !text.contains("while"), "{text}");
    let mut names: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for line in &all {
        assert_eq!(line["pid"], std::process::id());
        names.entry(line["name"].as_str().unwrap()).or_default().push(line);
    }
    assert_eq!(names["image"].len(), 1);
    assert_eq!((&names["batch"][0]["jobs"], &names["batch"][0]["level"]), (&3.into(), &"debug".into()));
    let mut verdicts: Vec<_> = names["call"].iter().map(|call| (&call["status"], &call["limit"])).collect();
    verdicts.sort_by_key(|(status, _)| status.to_string());
    assert_eq!(verdicts[0], (&"limit".into(), &"fuel".into()));
    assert_eq!([verdicts[1].0, verdicts[2].0], ["ok", "raised"]);
    assert!(
        names["call"].iter().all(|call| call["us"].as_f64() > Some(0.0) && call["pages"].as_u64() > Some(0))
    );
    assert!(names["restore"].iter().all(|restore| restore["in"] == "call"));
    assert_eq!((names["restore"].len(), names["instance made"].len()), (3, names["instance dropped"].len()));
    assert!(names["instance dropped"].iter().all(|line| line["why"] == "closed"));

    trace("off", None).unwrap();
    self::sandbox("", Restore::Barrier).run_batch(vec![job("1", false)], || true).unwrap();
    assert_eq!(lines(&path).len(), all.len(), "lines after the trace was switched off");
    trace("info", Some(path.clone())).unwrap();
    self::sandbox("", Restore::Barrier).run_batch(vec![job("1", false)], || true).unwrap();
    assert_eq!(lines(&path).len(), all.len() + 1, "info has the image alone");
    let elsewhere = trace("info", None).unwrap_err().to_string();
    assert!(elsewhere.contains("writes its trace elsewhere already"), "{elsewhere}");
    std::fs::remove_file(path).unwrap();
}
