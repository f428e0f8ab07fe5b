//! Asking a real server about keys, one that nobody here wrote: the LiteLLM proxy, which speaks OpenAI's interface and has its keys checked.
//!
//! `.ci/run` installs it below `target/servers`; where it is missing the test says so and is skipped, unless `KEYSIFT_NEEDS_SERVER=1`.
#![cfg(all(feature = "confirm", unix))]

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::common::{Keysift, Tree, findings, key, project, text};

/// It takes seconds to start where the machine is its own, and much longer where it is not.
const PATIENCE: Duration = Duration::from_secs(300);

const CONFIG: &str = "model_list:
- model_name: mistral-large-latest
  litellm_params: { model: openai/none, api_base: http://127.0.0.1:9, api_key: none }
- model_name: codestral-latest
  litellm_params: { model: openai/none, api_base: http://127.0.0.1:9, api_key: none }
";

/// The server, which ends with its test.
struct Server {
    child: Child,
    port: u16,
    folder: Tree,
}

impl Server {
    /// Starts it with one key; none, said aloud, if it is not installed.
    fn start(master_key: &str) -> Option<Self> {
        let program = project().join("target/servers/bin/litellm");
        if !program.is_file() {
            let is_needed = std::env::var("KEYSIFT_NEEDS_SERVER").is_ok_and(|value| value == "1");
            assert!(!is_needed, "litellm is not installed, and KEYSIFT_NEEDS_SERVER=1 says that it must be; `.ci/run` installs it");
            eprintln!("!!! SKIPPED: litellm is not installed; `.ci/run` installs it !!!");
            return None;
        }
        let folder = Tree::with(&[("config.yaml", CONFIG)]);
        let port = free_port();
        let child = command(&program, &folder, port).env("LITELLM_MASTER_KEY", master_key).spawn().expect("it starts");
        let mut server = Self { child, port, folder };
        server.wait();
        Some(server)
    }

    fn wait(&mut self) {
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            let ended = self.child.try_wait().expect("it is our child");
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "it does not listen ({ended:?}):\n{}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn log(&self) -> String {
        String::from_utf8_lossy(&self.folder.read("log")).into_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that asks nobody else and writes only into `folder`.
fn command(program: &PathBuf, folder: &Tree, port: u16) -> Command {
    let log = std::fs::File::create(folder.path().join("log")).expect("a file can be made");
    let mut command = Command::new(program);
    command.args(["--config", "config.yaml", "--host", "127.0.0.1", "--port", &port.to_string(), "--telemetry", "False"]);
    command.current_dir(folder.path()).env_clear().env("HOME", folder.path()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    // Its table of prices comes with it.
    command.env("LITELLM_LOCAL_MODEL_COST_MAP", "True").env("HTTPS_PROXY", "http://127.0.0.1:9").env("HTTP_PROXY", "http://127.0.0.1:9");
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("it is open")).stderr(log);
    command
}

/// A port that was free a moment ago.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("loopback is there").port()
}

#[test]
fn a_real_server_takes_its_key_and_refuses_others() {
    let right = key("litellm-virtual-key", 1);
    let wrong = key("litellm-virtual-key", 2);
    let Some(server) = Server::start(&right) else { return };
    let tree = Tree::with(&[("right.env", &format!("LITELLM_API_KEY={right}\n")), ("wrong.env", &format!("LITELLM_API_KEY={wrong}\n"))]);
    let config = Tree::with(&[("gateway.toml", &format!("[confirm.endpoints]\nlitellm = \"http://127.0.0.1:{}\"\n", server.port))]);
    let config = config.path().join("gateway.toml");
    let run = Keysift::new(tree.path()).args(&["scan", "--confirm", "--format", "json", "--confirm-rate", "50", "--confirm-timeout", "120", "--config"]);
    let report = run.args(&[config]).run().json();
    let verdicts: Vec<(&str, &str)> = findings(&report).iter().map(|one| (text(&one["path"]), text(&one["confirmation"]["verdict"]))).collect();
    // Without a database the server knows one key: that another one is dead is not said.
    assert_eq!(verdicts, [("right.env", "live"), ("wrong.env", "unknown")], "{report}\n{}", server.log());
    let facts = findings(&report)[0]["confirmation"]["facts"].to_string();
    assert!(facts.contains("2 models"), "{facts}");
}
