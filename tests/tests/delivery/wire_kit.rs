//! What stands between a program and its server: TLS, distance, a proxy. Each listens on a port of its own and passes
//! everything on to a `LoopbackServer`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::{ServerConfig, pki_types::PrivateKeyDer};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional},
    net::{TcpListener, TcpStream},
    runtime::Runtime,
    sync::mpsc,
    time::{Instant, sleep, sleep_until},
};
use tokio_rustls::TlsAcceptor;

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

fn listen() -> (TcpListener, u16) {
    let listener = RUNTIME.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn to(port: u16) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificate {
    Good,
    Expired,
    OtherHost,
    /// Signed by itself, and nobody was told to trust it.
    SelfSigned,
}

/// An authority of this test's own, which programs are told to trust by `SSL_CERT_FILE`.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap() }
    }

    pub fn write_to(&self, path: &Path) {
        std::fs::write(path, self.issuer.pem()).unwrap();
    }

    /// TLS for `host` in front of the server at `upstream`; answers with its port.
    pub fn serve(&self, host: &str, certificate: Certificate, upstream: u16) -> u16 {
        let name = if certificate == Certificate::OtherHost { "other.example" } else { host };
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        if certificate == Certificate::Expired {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2020, 2, 1);
        }
        let key = KeyPair::generate().unwrap();
        let signed = match certificate {
            Certificate::SelfSigned => params.self_signed(&key),
            _ => params.signed_by(&key, &self.issuer),
        };
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![signed.unwrap().der().clone()], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let (listener, port) = listen();
        RUNTIME.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    stream.set_nodelay(true)?;
                    let mut stream = acceptor.accept(stream).await?;
                    copy_bidirectional(&mut stream, &mut to(upstream).await?).await
                });
            }
        });
        port
    }
}

/// A line with this round trip in front of `upstream`; answers with its port.
///
/// Every byte takes half of it each way. A connection on this machine is there at once, so its own round trip is added
/// before the first byte of the client.
pub fn far_away(upstream: u16, round_trip: Duration) -> u16 {
    let (listener, port) = listen();
    RUNTIME.spawn(async move {
        while let Ok((near, _)) = listener.accept().await {
            tokio::spawn(async move {
                near.set_nodelay(true)?;
                let begun = Instant::now();
                let (near_read, near_write) = near.into_split();
                let (far_read, far_write) = to(upstream).await?.into_split();
                tokio::spawn(carry(near_read, far_write, round_trip / 2, begun + round_trip));
                carry(far_read, near_write, round_trip / 2, begun).await;
                std::io::Result::Ok(())
            });
        }
    });
    port
}

/// Carries bytes one way, each `delay` later, and none as if it had left before `open`.
async fn carry(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    delay: Duration,
    open: Instant,
) {
    let (sender, mut receiver) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    tokio::spawn(async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            let at = Instant::now().max(open) + delay;
            if sender.send((at, buffer[..count].to_vec())).is_err() {
                return;
            }
        }
    });
    while let Some((at, bytes)) = receiver.recv().await {
        sleep_until(at).await;
        if to.write_all(&bytes).await.is_err() {
            return;
        }
    }
}

/// What a proxy does with a request to be connected.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// Connects to this port, whatever was asked for.
    Connects(u16),
    /// Answers 407.
    AsksWho,
}

/// A proxy, and the first lines that it has heard.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn new(manner: Manner) -> Self {
        let (listener, port) = listen();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let heard = asked.clone();
        RUNTIME.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move {
                    let mut head = Vec::new();
                    while !head.ends_with(b"\r\n\r\n") && head.len() < 16 * 1024 {
                        head.push(stream.read_u8().await?);
                    }
                    let first = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
                    heard.lock().unwrap().push(first);
                    match manner {
                        Manner::Connects(port) => {
                            stream.write_all(b"HTTP/1.1 200 -\r\n\r\n").await?;
                            copy_bidirectional(&mut stream, &mut to(port).await?).await?;
                        }
                        Manner::AsksWho => {
                            stream
                                .write_all(
                                    b"HTTP/1.1 407 -\r\nproxy-authenticate: Basic realm=\"x\"\r\ncontent-length: 0\r\n\r\n",
                                )
                                .await?;
                        }
                    }
                    std::io::Result::Ok(())
                });
            }
        });
        Self { port, asked }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// A server that answers every connection with these bytes, or with none, and keeps the first one that it was sent.
pub fn raw(answer: &'static [u8]) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let (listener, port) = listen();
    let first = Arc::<Mutex<Vec<u8>>>::default();
    let heard = first.clone();
    RUNTIME.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let heard = heard.clone();
            tokio::spawn(async move {
                let byte = stream.read_u8().await?;
                heard.lock().unwrap().push(byte);
                stream.write_all(answer).await?;
                sleep(Duration::from_secs(60)).await;
                std::io::Result::Ok(())
            });
        }
    });
    (port, first)
}
