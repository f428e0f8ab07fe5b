//! What the searches with vector instructions share: registers of 32 and 64 bytes to and from memory.

use std::arch::x86_64::{__m256i, __m512i, _mm256_loadu_si256, _mm256_storeu_si256, _mm512_loadu_si512, _mm512_storeu_si512};

/// Bytes of a register of AVX2, and of AVX-512.
pub const N: usize = 32;
pub const N_WIDE: usize = 64;

/// A register with these bytes.
#[inline]
#[target_feature(enable = "avx2")]
pub fn load(bytes: &[u8; N]) -> __m256i {
    // SAFETY: the pointer comes from a reference to 32 bytes, and this load has no requirement of alignment.
    unsafe { _mm256_loadu_si256(bytes.as_ptr().cast::<__m256i>()) }
}

/// The bytes of a register.
#[inline]
#[target_feature(enable = "avx2")]
pub fn store(register: __m256i) -> [u8; N] {
    let mut bytes = [0; N];
    // SAFETY: the pointer comes from a reference to 32 bytes that are ours to write, and this store has no requirement of alignment.
    unsafe { _mm256_storeu_si256(bytes.as_mut_ptr().cast::<__m256i>(), register) };
    bytes
}

/// A table of 16 entries for look-ups, which each half of a register has to itself.
#[inline]
#[target_feature(enable = "avx2")]
pub fn twice(table: &[u8; 16]) -> __m256i {
    let mut both = [0; N];
    both[..16].copy_from_slice(table);
    both[16..].copy_from_slice(table);
    load(&both)
}

/// As [`load`].
#[inline]
#[target_feature(enable = "avx512f")]
pub fn load_wide(bytes: &[u8; N_WIDE]) -> __m512i {
    // SAFETY: the pointer comes from a reference to 64 bytes, and this load has no requirement of alignment.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast::<__m512i>()) }
}

/// As [`store`].
#[inline]
#[target_feature(enable = "avx512f")]
pub fn store_wide(register: __m512i) -> [u8; N_WIDE] {
    let mut bytes = [0; N_WIDE];
    // SAFETY: the pointer comes from a reference to 64 bytes that are ours to write, and this store has no requirement of alignment.
    unsafe { _mm512_storeu_si512(bytes.as_mut_ptr().cast::<__m512i>(), register) };
    bytes
}
