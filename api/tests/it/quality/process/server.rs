//! Starts, calls and stops the program as a process.

use std::{
    io::{BufRead, BufReader, Lines, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Output, Stdio},
};

/// Settings, by name.
pub type Settings<'s> = &'s [(&'s str, &'s str)];

pub fn program(directory: &Path, arguments: &[&str], settings: Settings<'_>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_api"));
    command
        .current_dir(directory)
        .args(arguments)
        .env_clear()
        .env("PORT", "0")
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Runs the program, which must fail to start: it is stopped as soon as it serves.
pub fn refused(directory: &Path, arguments: &[&str], settings: Settings<'_>) -> Output {
    let mut child = program(directory, arguments, settings).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    if !line.is_empty() {
        child.kill().unwrap();
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(line, "", "it serves with {settings:?}");
    output
}

/// Returns the only line that the program printed on failure.
#[track_caller]
pub fn complaint(output: &Output, status: i32) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    said
}

/// A running program. Killed with its test.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// Its output until it served.
    pub said: String,
    _stdout: Lines<BufReader<ChildStdout>>,
    pub log: Lines<BufReader<ChildStderr>>,
}

impl Server {
    pub fn start(directory: &Path, arguments: &[&str], settings: Settings<'_>) -> Self {
        let mut child = program(directory, arguments, settings).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        let log = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut said = String::new();
        let address = loop {
            let Some(line) = stdout.next().transpose().unwrap() else {
                panic!("it ended before it was open: {said}");
            };
            said = said + &line + "\n";
            if let Some((_, address)) = line.split_once("open at http://") {
                break address.parse().unwrap();
            }
        };
        Self {
            child,
            address,
            said,
            _stdout: stdout,
            log,
        }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let kill = Command::new("kill").args([name, &pid]).status().unwrap();
        assert!(kill.success());
    }

    /// Waits for the end. Returns the exit status and the rest of the log.
    pub fn end(mut self) -> (ExitStatus, Vec<String>) {
        let log = self.log.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap(), log)
    }

    pub fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).unwrap()
    }

    /// Sends a request and reads the whole answer.
    pub fn call(&self, method: &str, path: &str, headers: &str, body: &str) -> String {
        let mut socket = self.connect();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        );
        socket.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Runs a printed command: `curl -H '…' [-d '…'] <address>`.
    pub fn curl(&self, command: &str) -> String {
        let mut quoted = command.split('\'').skip(1).step_by(2);
        let header = format!("{}\r\n", quoted.next().unwrap());
        let (_, path) = command.rsplit_once(&self.address.to_string()).unwrap();
        match quoted.next() {
            Some(body) => self.call("POST", path, &header, body),
            None => self.call("GET", path, &header, ""),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or_default()
}
