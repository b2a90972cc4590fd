//! TLS, trust and proxies: `elsewhere` sends to `https://telemetry.invalid`, which only a proxy can reach.

use std::process::Command;

use telemetry_tests::{Sandbox, run, run_ok, sibling};

use super::{
    breaker::Stored,
    wire_kit::{Authority, Certificate, Manner, Proxy, raw},
};

pub const HOST: &str = "telemetry.invalid";
const SENT: &str = "Ok(Flushed { sent: 2, waiting: 0 })\noffered 2, waiting 0\n";
const WAITING: &str = "Ok(Flushed { sent: 0, waiting: 2 })\noffered 2, waiting 2\n";

/// The program, told to trust this authority and to go through this proxy.
pub fn program(sandbox: &Sandbox, authority: &Authority, proxy: u16) -> Command {
    let trusted = sandbox.home().join("authority.pem");
    authority.write_to(&trusted);
    let mut command = sandbox.command(sibling("elsewhere"));
    command.args(["flush", "20"]).env("SSL_CERT_FILE", trusted).env("HTTPS_PROXY", format!("http://127.0.0.1:{proxy}"));
    command
}

/// Runs it; whatever happens, it ends well and says nothing but what it was asked for.
#[track_caller]
fn says(command: &mut Command) -> String {
    let output = run(command);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn r40_a_proxy_and_an_authority_from_the_environment_are_used() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let tls = authority.serve(HOST, Certificate::Good, sandbox.server.port());
    let proxy = Proxy::new(Manner::Connects(tls));
    assert_eq!(says(&mut program(&sandbox, &authority, proxy.port)), SENT);
    assert_eq!(proxy.asked(), ["CONNECT telemetry.invalid:443 HTTP/1.1"], "the proxy sees a name and no event");
    let request = &sandbox.server.requests()[0];
    assert_eq!((request.path.as_str(), request.header("host")), ("/v1/event", Some(HOST)));
    assert_eq!(request.header("proxy-authorization"), None);
}

#[test]
fn o12_a_variable_that_names_no_proxy_keeps_everything_here_and_status_names_it() {
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
        for value in
            ["http:/proxy.example:3128", "http://user:secr@t@proxy.example:3128", "ftp://proxy.example", "http://"]
        {
            let sandbox = Sandbox::new();
            let said = run_ok(sandbox.command(sibling("elsewhere")).arg("paused").env(variable, value));
            let reason = format!("nothing is sent: {variable} is set, but not to the address of a proxy\n");
            assert_eq!(said, reason, "{value}");
            let files = sandbox.files();
            let any = |name: &str| files.keys().any(|path| path.ends_with(name));
            assert!(!any("breaker.json") && !any("sent.log"), "nothing was tried: {files:?}");
            assert!(files.keys().any(|path| path.starts_with("telemetry/elsewhere/spool")), "it waits: {files:?}");
        }
    }
}

#[test]
fn o12_nothing_goes_past_a_proxy_of_a_kind_that_is_not_spoken() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let tls = authority.serve(HOST, Certificate::Good, sandbox.server.port());
    let proxy = Proxy::new(Manner::Connects(tls));
    let mut command = program(&sandbox, &authority, proxy.port);
    assert_eq!(says(command.env("HTTPS_PROXY", format!("socks5://127.0.0.1:{}", proxy.port))), WAITING);
    assert!(proxy.asked().is_empty(), "nor is it asked for anything");
}

#[test]
fn r40_no_proxy_is_honoured() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let tls = authority.serve(HOST, Certificate::Good, sandbox.server.port());
    let proxy = Proxy::new(Manner::Connects(tls));
    for no_proxy in [HOST, ".invalid", "*"] {
        let _ = std::fs::remove_dir_all(sandbox.state());
        assert_eq!(says(program(&sandbox, &authority, proxy.port).env("NO_PROXY", no_proxy)), WAITING, "{no_proxy}");
    }
    assert!(proxy.asked().is_empty());
    let _ = std::fs::remove_dir_all(sandbox.state());
    assert_eq!(says(program(&sandbox, &authority, proxy.port).env("NO_PROXY", "example.com")), SENT);
}

#[test]
fn c17_certificates_that_are_not_good_are_a_failure_of_the_network() {
    for certificate in [Certificate::Expired, Certificate::OtherHost, Certificate::SelfSigned] {
        let (sandbox, authority) = (Sandbox::new(), Authority::new());
        let proxy = Proxy::new(Manner::Connects(authority.serve(HOST, certificate, sandbox.server.port())));
        assert_eq!(says(&mut program(&sandbox, &authority, proxy.port)), WAITING, "{certificate:?}");
        assert_eq!(proxy.asked().len(), 1, "{certificate:?}: one attempt");
        assert_eq!(sandbox.server.connections(), 0, "{certificate:?}: nothing came through");
        assert_eq!(Stored::read(&sandbox, "elsewhere").text("reason"), "network", "{certificate:?}");
    }
}

#[test]
fn c17_an_authority_that_nobody_named_is_not_trusted() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let proxy = Proxy::new(Manner::Connects(authority.serve(HOST, Certificate::Good, sandbox.server.port())));
    assert_eq!(says(&mut program(&sandbox, &Authority::new(), proxy.port)), WAITING);
    assert_eq!(sandbox.server.connections(), 0);
}

#[test]
fn c17_old_or_silent_tls_is_a_failure_and_nothing_is_said_in_plain() {
    // A server hello of TLS 1.0: record type and version, length; message type, length, version 3.1, 32 random bytes, no
    // session, TLS_RSA_WITH_AES_128_CBC_SHA, no compression.
    const TLS_1_0: [u8; 47] = {
        let mut hello = [7; 47];
        let head = [22, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        let mut at = 0;
        while at < head.len() {
            hello[at] = head[at];
            at += 1;
        }
        hello[43] = 0;
        hello[44] = 0;
        hello[45] = 0x2f;
        hello[46] = 0;
        hello
    };
    for answer in [&TLS_1_0[..], b"HTTP/1.1 200 OK\r\n\r\n", b""] {
        let (sandbox, authority) = (Sandbox::new(), Authority::new());
        let (port, first) = raw(answer);
        let proxy = Proxy::new(Manner::Connects(port));
        assert_eq!(says(&mut program(&sandbox, &authority, proxy.port)), WAITING, "{answer:?}");
        let first = first.lock().unwrap().clone();
        assert_eq!(first, [22], "one attempt, and it begins a handshake: {answer:?}");
        assert_eq!(Stored::read(&sandbox, "elsewhere").text("reason"), "network");
    }
}

#[test]
fn c17_a_proxy_that_refuses_or_asks_who_we_are_is_a_failure() {
    let (sandbox, authority) = (Sandbox::new(), Authority::new());
    let proxy = Proxy::new(Manner::AsksWho);
    assert_eq!(says(&mut program(&sandbox, &authority, proxy.port)), WAITING);
    assert_eq!(proxy.asked().len(), 1);
    assert_eq!(Stored::read(&sandbox, "elsewhere").text("reason"), "network");

    let sandbox = Sandbox::new();
    // A port on which nobody listens.
    assert_eq!(says(&mut program(&sandbox, &authority, 1)), WAITING);
    assert_eq!(Stored::read(&sandbox, "elsewhere").text("reason"), "blocked");
    assert_eq!(sandbox.server.connections(), 0);
}
