//! The numbers of the evidence model, each with its reason.
//!
//! A provider's points are those of its best evidence, plus half of the next kind's, plus a quarter of the third's: more evidence of other
//! kinds helps, and no heap of weak hints outweighs one strong one. To them come points for being a credential at all (the name, the header,
//! the call) and for the shape: a random string of mixed case is hardly anything but a key, a hexadecimal one is mostly a digest.

use super::place::Zone;
use super::words::Kind;

/// Points of a word by its kind and the zone it stands in. Columns are the zones in their order: name, own, callee, enclosing, sibling, outer,
/// line, flow, near, around, file, path.
const POINTS: [(Kind, [i32; 12]); 6] = [
    // The name is the best witness of all where the key is assigned to it, and fades with distance: prose names providers far from any key.
    (Kind::Name, [60, 55, 55, 45, 44, 25, 36, 42, 26, 14, 6, 15]),
    // An ordinary word counts only where words are names of things.
    (Kind::CommonName, [60, 30, 55, 40, 24, 10, 10, 24, 0, 0, 0, 8]),
    // A host says where the key is sent. It redirects a client of another provider, so it outweighs that client's name.
    (Kind::Host, [60, 65, 60, 50, 62, 46, 52, 56, 40, 24, 10, 0]),
    // A constructor says who receives the key if it is called with it; elsewhere it says little more than an import.
    (Kind::Constructor, [45, 30, 65, 40, 36, 24, 30, 60, 26, 18, 14, 0]),
    // An import says who is talked to somewhere in the blob.
    (Kind::Import, [30, 20, 40, 25, 22, 14, 22, 24, 18, 16, 16, 0]),
    // Model ids stand beside keys in configurations, and beside other hosts' keys too.
    (Kind::Model, [40, 30, 40, 32, 26, 18, 24, 24, 15, 10, 6, 0]),
];

/// The points of a word of `kind` in `zone`.
pub fn points(kind: Kind, zone: Zone) -> i32 {
    POINTS.iter().find(|(k, _)| *k == kind).map_or(0, |(_, row)| row[zone as usize])
}

/// The assigned name is that of a credential.
pub const NAMED_CREDENTIAL: i32 = 40;
/// The token is sent as a credential: behind `Bearer` or in an authorization header.
pub const SENT_AS_CREDENTIAL: i32 = 42;
/// The token is passed to a provider's constructor.
pub const PASSED_TO_CLIENT: i32 = 40;
/// The variable is passed on as a credential later.
pub const FLOWS_AS_CREDENTIAL: i32 = 36;
/// The name only holds (`value`), and what stands beside it names a credential.
pub const HELD_BESIDE_CREDENTIAL: i32 = 34;
/// The token stands where a variable of the environment is named: the key was pasted in place of the name.
pub const IN_PLACE_OF_NAME: i32 = 32;
/// The column of a table or of separated values is headed like a credential.
pub const CREDENTIAL_COLUMN: i32 = 30;
/// The name is the provider's and nothing else (`mistral = …`, `NEXT_PUBLIC_ASSEMBLYAI`): what else would be assigned to it.
pub const BARE_NAME: i32 = 26;
/// A container around the token is named like a credential (`keys = [`).
pub const CREDENTIAL_AROUND: i32 = 24;
/// All that is passed to what is named after the provider, or that stands behind its name alone and looks like a digest: few other things do.
pub const BARE_CALL: i32 = 22;
/// The line speaks of a credential.
pub const CREDENTIAL_ON_LINE: i32 = 22;
/// The line above, or the first line of a table, speaks of a credential.
pub const CREDENTIAL_ABOVE: i32 = 12;

/// Letters of both cases and entropy above what hexadecimal can reach.
pub const MIXED_CASE: i32 = 25;
/// A literal prefix that several providers share (`sk-`) says that it is a key.
pub const SHARED_PREFIX: i32 = 35;
/// Small letters beyond `f`, so that it is no digest.
pub const BEYOND_HEX: i32 = 8;

/// From this sum a key is reported at all, with medium and with high confidence.
pub const REPORT: i32 = 62;
/// See [`REPORT`].
pub const MEDIUM: i32 = 80;
/// See [`REPORT`].
pub const HIGH: i32 = 105;
/// What evidence of the provider alone must reach: an import in the blob does, and a path that names it.
pub const PROVIDER_LEAST: i32 = 15;

/// Shapes that digests and identifiers share (hexadecimal, UUID) need more: a sum, provider points, and points for being a credential.
pub const LOOK_ALIKE: (i32, i32, i32) = (66, 36, 20);

/// Two providers closer than this cannot be told apart.
pub const MARGIN: i32 = 10;
