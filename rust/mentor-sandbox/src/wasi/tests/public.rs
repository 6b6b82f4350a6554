//! The public WASI test suite, where there is a copy of it: the programs of
//! <https://github.com/WebAssembly/wasi-testsuite>, branch `prod/testsuite-base`.
//!
//! ```text
//! MENTOR_WASI_TESTSUITE=<that checkout> cargo test --release --workspace -- --ignored public
//! ```

use std::path::Path;

use wasmtime::{Config, Engine, Module, Store};

use super::super::host::Exit;
use super::super::linker;
use super::*;

/// What the suite expects and a guest of ours does not get, with the reason.
const DIFFERENT: &[(&str, &str)] = &[
    ("args_get-multiple-arguments", "no arguments are passed"),
    ("args_sizes_get-multiple-arguments", "no arguments are passed"),
    ("args_sizes_get-no-arguments", "no arguments are passed, not even a program's name"),
    ("environ_get-multiple-variables", "no environment is passed"),
    ("environ_sizes_get-multiple-variables", "no environment is passed"),
    ("sock_shutdown-invalid_fd", "descriptor 3 is always the root"),
    ("symlink_create", "links to absolute paths are allowed, as in POSIX"),
];

fn engine() -> Engine {
    let mut config = Config::new();
    config.consume_fuel(true);
    Engine::new(&config).unwrap()
}

/// The guest starts in the folder that the suite prepares for it.
fn prepare(guest: &mut Guest, folder: &Path, prefix: &str) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = format!("{prefix}{}", path.file_name().unwrap().to_str().unwrap());
        if path.is_dir() {
            guest.mkdir(&name).unwrap();
            prepare(guest, &path, &format!("{name}/"));
        } else {
            guest.file(&name, &std::fs::read(&path).unwrap());
        }
    }
}

/// Runs a program; gives its exit code and what it wrote.
fn run(
    engine: &Engine,
    program: &Path,
    root: Option<&Path>,
) -> std::result::Result<(i32, String, String), String> {
    let mut guest = Guest::new();
    if let Some(root) = root {
        prepare(&mut guest, root, "");
    }
    let module = Module::from_file(engine, program).map_err(|e| e.to_string())?;
    let mut store = Store::new(engine, guest.host);
    store.set_fuel(u64::MAX / 2).map_err(|e| e.to_string())?;
    let instance =
        linker(engine).and_then(|l| l.instantiate(&mut store, &module)).map_err(|e| format!("{e:#}"))?;
    store.data_mut().memory = instance.get_memory(&mut store, "memory");
    let start = instance.get_typed_func::<(), ()>(&mut store, "_start").map_err(|e| e.to_string())?;
    let code = match start.call(&mut store, ()) {
        Ok(()) => 0,
        Err(error) => match error.downcast_ref::<Exit>() {
            Some(Exit(code)) => *code,
            None => return Err(format!("{error:#}\n{}", String::from_utf8_lossy(&store.data().stderr.kept))),
        },
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((code, text(&store.data().stdout.kept), text(&store.data().stderr.kept)))
}

#[test]
#[ignore = "needs a copy of the public test suite; set MENTOR_WASI_TESTSUITE"]
fn public_programs_end_as_they_should() {
    let suite =
        std::env::var_os("MENTOR_WASI_TESTSUITE").expect("MENTOR_WASI_TESTSUITE names the suite's folder");
    let engine = engine();
    let (mut ran, mut wrong) = (0, Vec::new());
    for language in ["c", "rust", "assemblyscript"] {
        let folder = Path::new(&suite).join("tests").join(language).join("testsuite/wasm32-wasip1");
        for entry in std::fs::read_dir(&folder).unwrap() {
            let program = entry.unwrap().path();
            if program.extension().is_none_or(|extension| extension != "wasm") {
                continue;
            }
            let json =
                std::fs::read_to_string(program.with_extension("json")).unwrap_or_else(|_| "{}".into());
            let expected: serde_json::Value = serde_json::from_str(&json).unwrap();
            let root = expected["root"].as_str().map(|root| folder.join(root));
            let name = program.file_stem().unwrap().to_str().unwrap().to_owned();
            let outcome = run(&engine, &program, root.as_deref());
            let code = expected["exit_code"].as_i64().unwrap_or(0);
            let right = outcome.as_ref().is_ok_and(|(found, stdout, _)| {
                i64::from(*found) == code && expected["stdout"].as_str().is_none_or(|text| text == stdout)
            });
            ran += 1;
            if right == DIFFERENT.iter().any(|(different, _)| *different == name) {
                wrong.push(format!("{language}/{name}: {outcome:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {ran}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(ran > 60, "the suite has only {ran} programs");
}
