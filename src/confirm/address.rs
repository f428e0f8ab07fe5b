//! Names that the scanned text gives lead only to addresses of the public network, and the connection is made to the addresses that were checked: a name that
//! changes its answer between check and connection (DNS rebinding) gains nothing.
//!
//! Where a proxy is in force, the proxy looks names up: then the check is the proxy's to make, and only the suffix of the name protects.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Whether `address` belongs to the public network, by the IANA registries of special-purpose addresses. What only wraps another address (v4-mapped,
/// NAT64, 6to4, Teredo) is not public, whatever it wraps: no provider lives there.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127 | 224..=255, ..]      // this network, private, loopback, multicast and reserved
        | [100, 64..=127, ..]               // carrier-grade NAT; metadata services
        | [169, 254, ..]                    // link-local; metadata services
        | [172, 16..=31, ..]                // private
        | [192, 0, 0 | 2, _]                // protocol assignments, documentation
        | [192, 88, 99, _]                  // 6to4 relays
        | [192, 31, 196, _] | [192, 52, 193, _] | [192, 175, 48, _] // AS112, AMT
        | [192, 168, ..]                    // private
        | [198, 18 | 19, ..]                // benchmarks
        | [198, 51, 100, _] | [203, 0, 113, _] // documentation
        | [168, 63, 129, 16] // metadata of one cloud, in public space
    )
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    // Only 2000::/3 is given out; that leaves out ::1, v4-mapped, NAT64, unique-local, link-local and multicast addresses.
    let is_given_out = address.segments()[0] & 0xe000 == 0x2000;
    let is_special = matches!(
        address.segments(),
        [0x2001, 0..=0x01ff, ..]            // protocol assignments, Teredo, benchmarks, ORCHID
        | [0x2001, 0x0db8, ..] | [0x3fff, 0..=0x0fff, ..] // documentation
        | [0x2002, ..]                      // 6to4
        | [0x2620, 0x004f, 0x8000, ..] // AS112
    );
    is_given_out && !is_special
}

/// Looks names up with the system's means; those that were marked have to lead to public addresses.
#[derive(Debug, Default)]
pub struct Guard {
    names: Mutex<BTreeSet<String>>,
}

impl Guard {
    /// From now on `name` has to lead to public addresses.
    pub fn mark(&self, name: &str) {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_ascii_lowercase());
    }

    fn is_marked(&self, name: &str) -> bool {
        self.names.lock().unwrap_or_else(PoisonError::into_inner).contains(name.trim_end_matches('.').to_ascii_lowercase().as_str())
    }
}

/// The resolver of a client that shares `0`.
#[derive(Clone, Debug)]
pub struct Guarded(pub Arc<Guard>);

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let is_marked = self.0.is_marked(name.as_str());
        let look_up = move || (name.as_str(), 0).to_socket_addrs().map(|addresses| addresses.collect::<Vec<_>>());
        Box::pin(async move {
            let addresses = tokio::task::spawn_blocking(look_up).await??;
            let addresses = if is_marked { checked(addresses)? } else { addresses };
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// All of `addresses`, if all are public: a name with one that is not is not trusted with the others.
fn checked(addresses: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    match addresses.iter().find(|address| !is_public(address.ip())) {
        Some(_) => Err(io::Error::new(io::ErrorKind::PermissionDenied, NotPublic)),
        None => Ok(addresses),
    }
}

/// A marked name leads to an address that is not public.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to an address that is not public")]
pub struct NotPublic;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_the_public_network_are_public() {
        for (public, not_public) in [
            ("1.1.1.1", "0.0.0.0"),
            ("9.255.255.255", "10.0.0.1"),
            ("11.0.0.1", "10.255.255.255"),
            ("100.63.255.255", "100.64.0.1"),
            ("100.128.0.1", "100.100.100.200"),
            ("126.255.255.255", "127.0.0.1"),
            ("169.253.0.1", "169.254.169.254"),
            ("168.63.129.17", "168.63.129.16"),
            ("172.15.255.255", "172.16.0.1"),
            ("172.32.0.1", "172.31.255.255"),
            ("192.0.3.1", "192.0.0.192"),
            ("192.0.1.1", "192.0.2.1"),
            ("192.167.0.1", "192.168.1.1"),
            ("192.88.98.1", "192.88.99.1"),
            ("198.17.255.255", "198.18.0.1"),
            ("198.20.0.1", "198.19.255.255"),
            ("198.51.99.1", "198.51.100.7"),
            ("203.0.112.1", "203.0.113.7"),
            ("223.255.255.255", "224.0.0.1"),
            ("8.8.8.8", "255.255.255.255"),
            ("2606:4700::1111", "::"),
            ("2a00:1450::1", "::1"),
            ("2600::", "::ffff:8.8.8.8"),
            ("2001:4860:4860::8888", "::ffff:127.0.0.1"),
            ("2001:200::1", "2001:1ff::1"),
            ("2001:db7::1", "2001:db8::1"),
            ("2003::1", "2002:7f00:1::"),
            ("3ffe::1", "3fff::1"),
            ("2606::1", "64:ff9b::a9fe:a9fe"),
            ("2606::2", "64:ff9b:1::1"),
            ("2606::3", "100::1"),
            ("2606::4", "fc00::1"),
            ("2606::5", "fd00:ec2::254"),
            ("2606::6", "fe80::1"),
            ("2606::7", "fec0::1"),
            ("2606::8", "ff02::1"),
            ("2606::9", "::7f00:1"),
            ("2606::a", "2001::1"),
            ("2606::b", "2001:2::1"),
            ("2606::c", "4000::1"),
        ] {
            assert!(is_public(public.parse().expect("the test gives what is needed")), "{public}");
            assert!(!is_public(not_public.parse().expect("the test gives what is needed")), "{not_public}");
        }
    }

    #[test]
    fn one_address_that_is_not_public_spoils_a_name() {
        let at = |text: &str| SocketAddr::new(text.parse().expect("the test gives what is needed"), 443);
        assert_eq!(checked(vec![at("8.8.8.8"), at("2606::1")]).expect("the test gives what is needed").len(), 2);
        assert!(checked(vec![at("8.8.8.8"), at("127.0.0.1")]).is_err());
    }

    #[test]
    fn a_marked_name_that_leads_to_this_machine_is_refused() {
        let guard = Arc::new(Guard::default());
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("the test gives what is needed");
        let look_up = || runtime.block_on(Guarded(Arc::clone(&guard)).resolve("localhost".parse().expect("the test gives what is needed")));
        assert!(look_up().is_ok_and(|addresses| addresses.count() > 0));
        guard.mark("localhost");
        let error = look_up().err().expect("it is no public address");
        let inner = error.downcast_ref::<io::Error>().and_then(|error| error.get_ref());
        assert!(inner.is_some_and(|inner| inner.is::<NotPublic>()), "{error}");
    }

    #[test]
    fn names_are_marked_whatever_their_case() {
        let guard = Guard::default();
        guard.mark("A.Example.com");
        assert!(guard.is_marked("a.example.com") && guard.is_marked("a.EXAMPLE.com.") && !guard.is_marked("b.example.com"));
    }
}
