//! The frames of `host.call`: valid ones with bytes changed, cut, repeated and swapped.
//!
//! Whatever a program sends, no report and no call panics, a host tool is only ever given a JSON object, every answer
//! is one that the guest's side can read, and what is kept stays within the limits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::door;
use super::fuzz::{Draw, cases};
use super::*;
use crate::harness;
use crate::host_tools::{HostFault, HostTool, HostTools};
use crate::json::is_readable;

const FRAMES: &[&[u8]] = &[
    b"N",
    b"V[1,2.5,\"\\ud83d\\ude00\",{\"a\":null}]",
    b"VNaN",
    b"X-3",
    br#"E["KeyError","\ud800\\u","  File \"<program>\", line 1\n"]"#,
    b"Hecho\0{\"x\":[1,true,\"\xc3\xa9\"]}",
    b"Hecho\0{}",
    b"Hfails\0{\"a\": -1e400}",
    b"Hnone\0{}",
    b"H\0\0\0",
];

fn mutated(draw: &mut Draw) -> Vec<u8> {
    let any = |draw: &mut Draw| FRAMES[draw.below(FRAMES.len() as u64) as usize].to_vec();
    let mut frame = any(draw);
    for _ in 0..draw.below(5) {
        let at = draw.below(frame.len() as u64 + 1) as usize;
        match draw.below(6) {
            0 => frame.truncate(at),
            1 => frame.insert(at, draw.below(256) as u8),
            2 => frame.splice(at..at, any(draw)).for_each(drop),
            3 => frame.splice(at..at, vec![b"[{\"\\u-"[draw.below(6) as usize]; 300]).for_each(drop),
            _ if at < frame.len() => frame[at] = draw.below(256) as u8,
            _ => {}
        }
    }
    frame
}

#[test]
fn no_frame_breaks_anything() {
    let given = Arc::new(Mutex::new(Vec::new()));
    let seen = given.clone();
    let echo = move |arguments: &str| {
        seen.lock().unwrap().push(arguments.to_owned());
        Ok(arguments.to_owned())
    };
    let fails = |arguments: &str| {
        Err(HostFault::Raised { kind: "ValueError".into(), message: format!("no {arguments}") })
    };
    let tool = |name: &str, function| HostTool {
        name: name.into(),
        parameters: vec![],
        doc: String::new(),
        timeout: Duration::from_mins(1),
        function,
    };
    let tools = HostTools::new(&[tool("echo", Arc::new(echo)), tool("fails", Arc::new(fails))]).unwrap();
    let limits = Limits { result: 1000, host: 20_000, ..Limits::default() };
    let (mut reports, mut values, mut refusals) = (0, 0, 0);
    for seed in 0..cases(20_000) / 100 {
        let mut draw = Draw::new(seed);
        let mut guest = Guest::with(&limits, &[]);
        guest.host.door.tools = Some(tools.clone());
        for _ in 0..100 {
            let frame = mutated(&mut draw);
            let (at, len) = guest.put(DATA, &frame);
            let taken = guest.call(|h, m| door::take(h, m, at, len, OUT, OUT + 4));
            let is_call = frame.first() == Some(&b'H');
            assert_eq!(taken.is_ok(), is_call || frame.len() <= 1001, "{frame:?}");
            if let Some(answer) = guest.host.door.answer.take() {
                let answer = String::from_utf8(answer.unwrap()).unwrap();
                assert!(is_call && is_readable(&answer[1..]), "{frame:?}: {answer}");
                match answer.as_bytes()[0] {
                    b'V' => values += 1,
                    b'E' => refusals += 1,
                    _ => panic!("{frame:?}: {answer}"),
                }
            } else {
                let report = guest.host.door.report.as_deref().and_then(harness::read);
                reports += usize::from(report.is_some());
            }
            for arguments in given.lock().unwrap().drain(..) {
                assert!(arguments.starts_with('{') && is_readable(&arguments), "{arguments}");
            }
            let kept: usize =
                guest.host.door.calls.iter().map(|call| call.name.len() + call.arguments.len()).sum();
            assert!(kept <= 20_000);
        }
    }
    assert!(reports > 100 && values > 100 && refusals > 100, "{reports} {values} {refusals}");
}
