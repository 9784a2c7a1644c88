//! FCIDUMP in every dialect, and refused where it is wrong.

use proptest::prelude::*;
use qloom_chemistry::{ChemistryError, Integrals};

use crate::dense::integrals;

const PLAIN: &str = "&FCI NORB=2,NELEC=2,MS2=0,\n ORBSYM=1,2,\n ISYM=1,\n&END\n 0.75 1 1 1 1\n 0.5 2 2 1 1\n 0.125 2 1 2 1\n \
    0.625 2 2 2 2\n -1.25 1 1 0 0\n -0.5 2 2 0 0\n 0.7 0 0 0 0\n";

fn read(text: &str) -> Integrals {
    Integrals::from_fcidump(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

#[test]
fn dialects_mean_the_same() {
    let expected = read(PLAIN);
    assert_eq!((expected.num_orbitals(), expected.num_alpha(), expected.num_beta()), (2, 1, 1));
    assert_eq!((expected.symmetries(), expected.two(0, 1, 1, 0)), ([1, 2].as_slice(), 0.125));
    let header = "&FCI NORB=2,NELEC=2,MS2=0,\n ORBSYM=1,2,\n ISYM=1,\n&END\n";
    let records = &PLAIN[header.len()..];
    let mut reversed: Vec<&str> = records.lines().collect();
    reversed.reverse();
    let variants = [
        PLAIN.replace("&END", "/"),
        PLAIN.replace("ISYM=1,\n&END", "ISYM=1 /"),
        PLAIN.replace("&FCI", "$fci").replace("&END", "$end"),
        PLAIN.replace('\n', "\r\n"),
        PLAIN.replace('\n', "\n\n  \n"),
        format!("\n\n{PLAIN}"),
        format!("\u{feff}{PLAIN}"),
        PLAIN.replace("0.75", "7.5D-01").replace("-1.25", "-0.125d+1").replace("0.125 2", "1.25-1 2"),
        PLAIN.replace("0.75", "+.75E0"),
        PLAIN.replace("0.5 2 2 1 1", "0.5 1 1 2 2").replace("0.125 2 1 2 1", "0.125 1 2 2 1"),
        format!("{PLAIN} 0.125 1 2 1 2\n 0.5 1 1 2 2\n"),
        format!("{header}{}\n", reversed.join("\n")),
        PLAIN.replace(" 0.75 1 1 1 1", "0.75,1,1,1,1"),
        PLAIN.replace(
            "NORB=2,NELEC=2,MS2=0,",
            "norb = 2 , nelec\n=\n2, IUHF=0, UHF=.FALSE., PNTGRP='C2v/x', ! a comment = 3\n ms2=0 NPROP=1 1 1",
        ),
        PLAIN.trim_end().to_owned(),
        PLAIN.replace(' ', "\t"),
    ];
    for text in variants {
        assert_eq!(read(&text), expected, "{text}");
    }
    let repeated = read(&PLAIN.replace("ORBSYM=1,2", "ORBSYM=2*1"));
    assert_eq!(repeated.symmetries(), [1, 1]);
    // labels counted from 0, and labels of other groups
    read("&FCI NORB=4,NELEC=2,ORBSYM=4,5,6,7 /\n0.5 1 2 3 4");
    read("&FCI NORB=2,NELEC=2,ORBSYM=1,14 /\n0.5 1 2 0 0");
    let bare = read("&FCI NORB=1 NELEC=1 MS2=1 /\n1.0 1 1 0 0");
    assert_eq!((bare.core(), bare.symmetries(), bare.num_alpha()), (0.0, [1].as_slice(), 1));
}

#[test]
fn orbital_energies_choose_the_lower_determinant() {
    let energies = |first, second| format!("{PLAIN} {first} 1 0 0 0\n {second} 2 0 0 0\n");
    assert_eq!(read(&energies(-0.5, 0.6)).orbital_energies(), Some([-0.5, 0.6].as_slice()));
    assert_eq!(read(&energies(0.6, -0.5)).hartree_fock().0, [0]);
    let exchanged = energies(0.6, -0.5).replace("-1.25 1 1", "-0.5 1 1").replace("-0.5 2 2", "-1.25 2 2");
    assert_eq!(read(&exchanged).hartree_fock().0, [1]);
}

#[test]
fn mistakes_have_a_place() {
    let records = "\n0.5 1 1 1 1\n";
    let cases: Vec<(String, usize, &str)> = vec![
        (String::new(), 1, "empty"),
        ("0.5 1 1 1 1".into(), 1, "&FCI"),
        ("&FCI NORB=1 NELEC=2\n0.5 1 1 1 1\n".into(), 1, "does not end"),
        (format!("&FCI NELEC=2 /{records}"), 1, "NORB"),
        (format!("&FCI NORB=1 /{records}"), 1, "NELEC"),
        (format!("&FCI NORB=1,\nNELEC=1 /{records}"), 2, "odd"),
        (format!("&FCI NORB=2,NELEC=3,\nMS2=0 /{records}"), 2, "MS2=0"),
        (format!("&FCI NORB=2,NELEC=2,\nMS2=4 /{records}"), 2, "unpaired"),
        (format!("&FCI NORB=1,NELEC=2,\nMS2=2 /{records}"), 2, "each spin"),
        (format!("&FCI NORB=1,\nNELEC=3 /{records}"), 2, "between"),
        (format!("&FCI NORB=0,NELEC=0 /{records}"), 1, "NORB is 0"),
        (format!("&FCI NORB=1000000,NELEC=0 /{records}"), 1, "128"),
        (format!("&FCI NORB=1,NELEC=-2 /{records}"), 1, "-2"),
        (format!("&FCI NORB=1.5,NELEC=2 /{records}"), 1, "whole"),
        (format!("&FCI NORB=1 1,NELEC=2 /{records}"), 1, "2 values"),
        (format!("&FCI NORB=1,NELEC=2,NORB=1 /{records}"), 1, "twice"),
        (format!("&FCI NORB=1,NELEC=2,\nORBSYM=1,1 /{records}"), 2, "ORBSYM"),
        (format!("&FCI NORB=2,NELEC=2,\nORBSYM=1, /{records}"), 2, "1 entries"),
        (format!("&FCI NORB=2,NELEC=2,\nORBSYM=9999999999*1 /{records}"), 2, "ORBSYM"),
        (format!("&FCI NORB=1,NELEC=2,\nIUHF=1 /{records}"), 2, "UHF"),
        (format!("&FCI NORB=1,NELEC=2,\nUHF=.TRUE. /{records}"), 2, "UHF"),
        (format!("&FCI NORB=1,NELEC=2,\nTREL=.TRUE. /{records}"), 2, "relativistic"),
        (format!("&FCI 3, NORB=1,NELEC=2 /{records}"), 1, "no key"),
        ("&FCI NORB=1,NELEC=2 /\n\n".into(), 1, "no record"),
        ("&FCI NORB=1,NELEC=2 / 0.5 1 1 1 1\n".into(), 1, "new line"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 1 1\n0.5 1 1 1\n".into(), 3, "4 fields"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 1 1 1\n".into(), 2, "6 fields"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 2 1\n".into(), 2, "orbital 2"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 -1 1\n".into(), 2, "\"-1\""),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 1 0\n".into(), 2, "no integral"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 0 1 0 0\n".into(), 2, "no integral"),
        ("&FCI NORB=1,NELEC=2 /\nabc 1 1 0 0\n".into(), 2, "abc"),
        ("&FCI NORB=1,NELEC=2 /\nnan 1 1 0 0\n".into(), 2, "finite"),
        ("&FCI NORB=1,NELEC=2 /\ninf 1 1 0 0\n".into(), 2, "finite"),
        ("&FCI NORB=1,NELEC=2 /\n1e999 1 1 0 0\n".into(), 2, "finite"),
        ("&FCI NORB=1,NELEC=2 /\n(0.5,0.1) 1 1 0 0\n".into(), 2, "complex"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 0 0\n0.6 1 1 0 0\n".into(), 3, "line 2"),
        ("&FCI NORB=1,NELEC=2 /\n0.5 1 1 1 1\n0.0 0 0 0 0\n0.5 0 0 0 0\n".into(), 4, "UHF"),
        ("&FCI NORB=2,NELEC=2,ORBSYM=1,2 /\n0.5 2 1 0 0\n".into(), 2, "ORBSYM"),
        ("&FCI NORB=2,NELEC=2,ORBSYM=1,2 /\n0.5 2 1 1 1\n".into(), 2, "zero"),
        ("&FCI NORB=2,NELEC=2,ORBSYM=0,3 /\n0.5 2 1 1 1\n".into(), 2, "zero"),
    ];
    for (text, expected, part) in cases {
        match Integrals::from_fcidump(&text) {
            Err(ChemistryError::Text { message, line, column }) => {
                assert!(line == expected && column >= 1 && message.contains(part), "{text:?}: {line}:{column} {message}");
            }
            other => panic!("{text:?}: {other:?}"),
        }
    }
}

#[test]
fn active_spaces_that_cannot_be_are_refused() {
    let all = Integrals::new(4, 4, 0).unwrap();
    let message = |frozen: &[usize], active: &[usize]| all.active_space(frozen, active).unwrap_err().to_string();
    assert!(message(&[], &[0, 1, 2, 3, 4]).contains("at most 4"));
    assert!(message(&[0], &[1, 7]).contains("orbital 7 of the active space"));
    assert!(message(&[9], &[1]).contains("orbital 9 of the frozen core"));
    assert!(message(&[0], &[0, 1]).contains("twice"));
    assert!(message(&[0, 1, 2], &[3]).contains("freeze fewer"));
    assert!(message(&[0], &[]).contains("two electrons"));
    assert!(all.freeze_core(5, None).is_err());
    assert_eq!(all.freeze_core(1, None).unwrap().num_orbitals(), 3);
    let triplet = Integrals::new(3, 4, 2).unwrap().freeze_core(1, None).unwrap();
    assert_eq!((triplet.num_alpha(), triplet.num_beta()), (2, 0));
}

proptest! {
    #[test]
    fn what_is_written_reads_back(all in integrals(4)) {
        prop_assert_eq!(Integrals::from_fcidump(&all.to_fcidump()).unwrap(), all);
    }

    #[test]
    fn no_text_panics(text in "(&FCI NORB=2,NELEC=2)?[-0-9.,=/& \nA-Zé]{0,60}") {
        let _ = Integrals::from_fcidump(&text);
    }

    #[test]
    fn a_frozen_core_keeps_the_energies_of_its_determinants(all in integrals(4)) {
        let (alpha, beta) = all.hartree_fock();
        let core = alpha.len().min(beta.len()).min(1);
        let folded = all.freeze_core(core, None).unwrap();
        let less = |list: &[usize]| list.iter().filter(|&&p| p >= core).map(|p| p - core).collect::<Vec<_>>();
        let energy = folded.determinant_energy(&less(&alpha), &less(&beta));
        prop_assert!((energy - all.determinant_energy(&alpha, &beta)).abs() < 1e-12);
    }
}
