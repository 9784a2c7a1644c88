use std::path::Path;

use serde_json::Value;

use crate::{folder, json, path, refusal, root};

fn number(value: &Value, key: &str) -> f64 {
    value[key].as_f64().unwrap_or_else(|| panic!("{key} of {value}"))
}

fn close(a: f64, b: f64) {
    assert!((a - b).abs() < 1e-9, "{a} {b}");
}

fn terms(file: &Path) -> (f64, Vec<(String, f64)>) {
    let record: Value = serde_json::from_str(&std::fs::read_to_string(file).expect("a file")).expect("JSON");
    let mut terms: Vec<(String, f64)> = serde_json::from_value(record["terms"].clone()).expect("words and numbers");
    terms.sort_by(|a, b| a.0.cmp(&b.0));
    (number(&record, "constant"), terms)
}

#[test]
fn every_published_file_is_built_with_its_energies() {
    let out = folder(&[]);
    let table = std::fs::read_to_string(root().join("data/molecules/energies.csv")).expect("the table");
    let mut built = 0;
    for line in table.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let [name, _, _, mapping, order, reduction, hartree_fock, ground, sector] = fields[..9] else { panic!("{line}") };
        if mapping.starts_with("checksum") {
            continue;
        }
        let source = format!("data/molecules/{}", fields[fields.len() - 1]);
        let target = path(&out, &format!("{name}.json"));
        let mapping = mapping.replace('_', "-");
        let mut arguments = vec!["hamiltonian", "build", &source, "--mapping", &mapping, "--order", order, "--exact"];
        arguments.extend(["--out", &target]);
        arguments.extend((reduction != "none").then_some("--two-qubit-reduction"));
        let value = json(&arguments);
        let known = |text: &str| text.parse::<f64>().expect("a number");
        close(number(&value, "hartree_fock_energy"), known(hartree_fock));
        close(number(&value, "ground_energy"), known(ground));
        close(number(&value, "sector_ground_energy"), known(sector));
        let in_sector = (known(ground) - known(sector)).abs() < 1e-9;
        assert_eq!(value["global_minimum_is_in_sector"], in_sector, "{name}");
        let (found, expected) = (terms(Path::new(&target)), terms(&root().join(format!("data/molecules/{name}.json"))));
        assert!((found.0 - expected.0).abs() < 1e-10 && (found.0 - number(&value, "constant")).abs() < 1e-14);
        assert_eq!(found.1.len(), expected.1.len(), "{name}");
        for ((word, a), (other, b)) in found.1.iter().zip(&expected.1) {
            assert!(word == other && (a - b).abs() < 1e-10, "{name}: {word} {a} {other} {b}");
        }
        built += 1;
    }
    assert!(built >= 49, "{built}");
}

#[test]
fn reductions_and_active_spaces_keep_the_energy() {
    let source = "data/molecules/fcidump/LiH_2.2.FCIDUMP";
    for mapping in ["jordan-wigner", "parity", "bravyi-kitaev", "ternary-tree"] {
        let value = json(&["hamiltonian", "build", source, "--mapping", mapping, "--taper", "--exact"]);
        assert_eq!(value["num_qubits"], 4);
        close(number(&value, "sector_ground_energy"), -7.844_879_093_006);
        close(number(&value, "ground_energy"), -7.844_879_093_006);
    }
    let other = json(&["hamiltonian", "build", source, "--taper", "--sector", "++"]);
    assert!(other["hartree_fock_bits"].is_null() && other["sector_ground_energy"].is_null());
    let source = "data/molecules/fcidump/LiH_full_3.4bohr.FCIDUMP";
    let value = json(&["hamiltonian", "build", source, "--freeze-core", "1", "--active", "1,2,5"]);
    assert_eq!((&value["num_qubits"], &value["electrons"]), (&6.into(), &serde_json::json!([1, 1])));
    close(number(&value, "hartree_fock_energy"), -7.850_083_295_280);
}

#[test]
fn lowest_states_have_their_spins_and_densities() {
    let value = json(&["hamiltonian", "exact", "data/molecules/fcidump/H2_0.7414.FCIDUMP", "--states", "4", "--density"]);
    let states = value["states"].as_array().expect("states");
    let expected = [(-1.137_270_174_661, 0.0), (-0.532_479_006_886, 2.0), (-0.169_901_390_463, 0.0), (0.479_836_118_244, 0.0)];
    for (state, (energy, spin)) in states.iter().zip(expected) {
        close(number(state, "energy"), energy);
        assert!((number(state, "spin_squared") - spin).abs() < 1e-6);
        assert_eq!(state["density"].as_array().map(Vec::len), Some(2));
    }
    let trace: f64 = (0..2).map(|p| states[0]["density"][p][p].as_f64().expect("a number")).sum();
    close(trace, 2.0);
    // the operator that counts electrons in the first orbital, and 0.5 beside
    let files = folder(&[("first.FCIDUMP", "&FCI NORB=2,NELEC=2,MS2=0 /\n1.0 1 1 0 0\n0.5 0 0 0 0\n")]);
    let source = "data/molecules/fcidump/H2_0.7414.FCIDUMP";
    let with = json(&["hamiltonian", "exact", source, "--taper", "--property", &path(&files, "first.FCIDUMP")]);
    let occupied = states[0]["density"][0][0].as_f64().expect("a number");
    close(with["states"][0]["properties"][0].as_f64().expect("a number"), occupied + 0.5);
    let with_spin = |multiplicity: &str| {
        let source = "data/molecules/fcidump/CH2_cas65_bohr.FCIDUMP";
        json(&["hamiltonian", "exact", source, "--multiplicity", multiplicity, "--states", "2"])["states"].clone()
    };
    let (singlets, triplets) = (with_spin("1"), with_spin("3"));
    close(number(&singlets[0], "energy"), -37.016_157_397_045);
    close(number(&singlets[1], "energy"), -36.978_135_886_196);
    close(number(&triplets[0], "energy"), -37.095_620_751_691);
    assert!(refusal(&["hamiltonian", "exact", source, "--multiplicity", "2"], 2).contains("2 electrons"));
    let ones = json(&["hamiltonian", "exact", "data/molecules/H2_0.7414_4q_jw.json", "--ones", "2", "--states", "2"]);
    assert_eq!(ones["dimension"], 6);
    close(number(&ones["states"][0], "energy"), -1.137_270_174_661);
}

#[test]
fn models_have_their_energies() {
    let heisenberg = json(&["hamiltonian", "model", "heisenberg", "--size", "4", "--boundary", "periodic", "--exact"]);
    close(number(&heisenberg, "ground_energy"), -8.0);
    let hubbard = json(&["hamiltonian", "model", "hubbard", "--size", "2", "--chemical-potential", "2", "--exact"]);
    close(number(&hubbard, "ground_energy"), 0.5 * (4.0 - 32f64.sqrt()) - 4.0);
    let files = folder(&[("triangle.txt", "# a triangle\n0 1\n1 2 1.0\n0 2\n"), ("bad.txt", "0 1\n1 one\n")]);
    let cut = json(&["hamiltonian", "model", "max-cut", "--edges", &path(&files, "triangle.txt"), "--exact"]);
    close(number(&cut, "ground_energy"), -2.0);
    assert!(refusal(&["hamiltonian", "model", "max-cut", "--edges", &path(&files, "bad.txt")], 2).contains("line 2"));
    assert!(refusal(&["hamiltonian", "model", "ising", "--size", "4y"], 2).contains("4x3"));
    assert!(refusal(&["hamiltonian", "model", "ising", "--size", "100"], 2).contains("64"));
    assert!(refusal(&["hamiltonian", "model", "ising", "--size", "40", "--exact"], 1).contains("40 qubits"));
    let random =
        |seed| json(&["hamiltonian", "model", "random", "--qubits", "4", "--terms", "9", "--seed", seed])["one_norm"].clone();
    assert!(random("1") == random("1") && random("1") != random("2"));
}

#[test]
fn operators_are_converted_to_and_fro() {
    let files = folder(&[
        ("of.txt", "(0.25+0j) [] +\n(-0.5+0j) [Z0] +\n(0.125+0j) [X0 Y2]"),
        ("fermions.json", r#"{"0^ 0": 1.0, "1^ 0": [0.5, 0], "0^ 1": 0.5}"#),
        ("dictionary.txt", "{((0, 'Y'), (2, 'X')): (0.25+0j), (): -3}"),
        ("complex.txt", "(0.25+1j) [X0]"),
        ("broken.txt", "0.25 [X0] +\n0.5 [Q1]"),
    ]);
    let file = |name: &str| path(&files, name);
    let value = json(&["hamiltonian", "convert", &file("of.txt"), "--out", &file("a.json")]);
    assert_eq!((&value["from"], &value["num_terms"], &value["num_qubits"]), (&"openfermion".into(), &3.into(), &3.into()));
    let expected = terms(Path::new(&file("a.json")));
    for form in ["qiskit", "openfermion", "plain"] {
        json(&["hamiltonian", "convert", &file("a.json"), "--to", form, "--out", &file("b.txt")]);
        let back = json(&["hamiltonian", "convert", &file("b.txt"), "--out", &file("c.json")]);
        assert_eq!(back["from"], form);
        assert_eq!(terms(Path::new(&file("c.json"))), expected, "{form}");
    }
    let value = json(&["hamiltonian", "convert", &file("fermions.json"), "--out", &file("f.json")]);
    assert_eq!((&value["fermions"], &value["num_terms"]), (&true.into(), &4.into()));
    let value = json(&["hamiltonian", "convert", &file("dictionary.txt"), "--out", &file("d.json")]);
    assert_eq!((&value["from"], &value["num_qubits"]), (&"openfermion".into(), &3.into()));
    let out = file("x.json");
    assert!(refusal(&["hamiltonian", "convert", &file("complex.txt"), "--out", &out], 2).contains("X0"));
    assert!(refusal(&["hamiltonian", "convert", &file("broken.txt"), "--out", &out], 2).contains("line 2, column 5"));
}

#[test]
fn operators_in_hdf5_files() {
    let files = folder(&[]);
    let out = path(&files, "a.json");
    let convert = ["hamiltonian", "convert", "cli/tests/data/operators.h5", "--out", &out];
    if cfg!(feature = "hdf5") {
        let message = refusal(&convert, 2);
        assert!(message.contains("ham_a") && message.contains("group/ham_b") && !message.contains("numbers"), "{message}");
        json(&[&convert[..], &["--dataset", "ham_a"]].concat());
        let (constant, terms) = terms(Path::new(&out));
        assert_eq!((constant, terms), (1.5, vec![("XXI".into(), 0.5), ("ZIZ".into(), -0.25)]));
        assert!(refusal(&[&convert[..], &["--dataset", "none"]].concat(), 2).contains("none"));
    } else {
        assert!(refusal(&convert, 2).contains("--features hdf5"));
    }
}

#[test]
fn tapering_any_file_keeps_its_ground_energy() {
    let files = folder(&[]);
    let out = path(&files, "small.json");
    for name in ["LiH_1.2_6q_parity", "H2O_cas44_bohr_8q_bk"] {
        let source = format!("data/molecules/{name}.json");
        let value = json(&["hamiltonian", "taper", &source, "--out", &out]);
        assert!(value["num_qubits"].as_u64() < value["num_qubits_before"].as_u64());
        close(number(&json(&["hamiltonian", &out]), "ground_energy"), number(&json(&["hamiltonian", &source]), "ground_energy"));
    }
    json(&["hamiltonian", "model", "ising", "--size", "4", "--out", &path(&files, "ising.json")]);
    let ising = json(&["hamiltonian", "taper", &path(&files, "ising.json"), "--out", &out]);
    assert_eq!((&ising["num_qubits"], &ising["symmetries"][0][0]), (&3.into(), &"X0 X1 X2 X3".into()));
    assert!(refusal(&["hamiltonian", "taper", &path(&files, "ising.json"), "--sector", "+*"], 2).contains("'*'"));
}

#[test]
fn scans_and_ansaetze() {
    let files = folder(&[]);
    for name in ["H2_0.70", "H2_0.7414", "H2_2.63"] {
        let source = root().join(format!("data/molecules/fcidump/{name}.FCIDUMP"));
        std::fs::copy(source, path(&files, &format!("{name}.fcidump"))).expect("a copy");
    }
    let (here, table) = (path(&files, ""), path(&files, "table.csv"));
    let value = json(&["hamiltonian", "scan", &here, "--taper", "--csv", &table, "--hamiltonians", &here]);
    let rows = value["rows"].as_array().expect("rows");
    assert_eq!(rows.iter().map(|row| number(row, "coordinate")).collect::<Vec<_>>(), [0.7, 0.7414, 2.63]);
    close(number(&rows[2], "sector_ground_energy"), -0.934_990_141_509);
    assert_eq!(std::fs::read_to_string(&table).expect("the table").lines().count(), 4);
    close(number(&json(&["hamiltonian", &path(&files, "H2_2.63.json")]), "ground_energy"), -0.934_990_141_509);
    let (circuit, pool) = (path(&files, "uccsd.qasm"), path(&files, "pool.json"));
    let source = "data/molecules/fcidump/LiH_1.2.FCIDUMP";
    let made = json(&["hamiltonian", "ansatz", source, "--out", &circuit, "--pool", &pool]);
    assert_eq!((&made["num_parameters"], &made["num_excitations"]), (&8.into(), &8.into()));
    json(&["check", &circuit]);
    let pool: Value = serde_json::from_str(&std::fs::read_to_string(pool).expect("the pool")).expect("JSON");
    assert_eq!(pool["excitations"][0]["label"], "0->2");
    let message = refusal(&["hamiltonian", "ansatz", source, "--kind", "qubit-excitation", "--mapping", "parity"], 2);
    assert!(message.contains("Jordan-Wigner"), "{message}");
}

#[test]
fn bad_integrals_and_choices_are_refused() {
    let header = "&FCI NORB=2,NELEC=2,MS2=0,\n&END\n";
    let files = folder(&[
        ("uhf.FCIDUMP", "&FCI NORB=2,NELEC=2,MS2=0,IUHF=1,\n&END\n0.5 1 1 1 1\n"),
        ("odd.FCIDUMP", "&FCI NORB=2,NELEC=3,MS2=0,\n&END\n0.5 1 1 1 1\n"),
        ("cut.FCIDUMP", &format!("{header}0.5 1 1 1 1\n0.5 1 1")),
        ("index.FCIDUMP", &format!("{header}0.5 3 1 1 1\n")),
        ("twice.FCIDUMP", &format!("{header}0.5 1 1 1 1\n0.6 1 1 1 1\n")),
        ("empty.FCIDUMP", ""),
    ]);
    for (name, part) in
        [("uhf", "UHF"), ("odd", "odd"), ("cut", "line 4"), ("index", "NORB is 2"), ("twice", "line 3"), ("empty", "empty")]
    {
        let message = refusal(&["hamiltonian", "build", &path(&files, &format!("{name}.FCIDUMP"))], 2);
        assert!(message.contains(part) && message.contains(name), "{message}");
    }
    let source = "data/molecules/fcidump/LiH_1.2.FCIDUMP";
    let refused = |more: &[&str]| refusal(&[&["hamiltonian", "build", source], more].concat(), 2);
    assert!(refused(&["--active", "0,1,2,3"]).contains("at most 3"));
    assert!(refused(&["--active", "0,7"]).contains("orbital 7"));
    assert!(refused(&["--freeze-core", "2"]).contains("fewer electrons"));
    assert!(refused(&["--freeze-core", "9"]).contains("frozen core"));
    assert!(refused(&["--two-qubit-reduction"]).contains("parity"));
    assert!(refused(&["--taper", "--sector", "+"]).contains("sector"));
    assert!(refused(&["--mapping", "nothing"]).contains("ternary-tree"));
}

#[test]
fn penalties_hold_the_sector() {
    let text = std::fs::read_to_string(root().join("data/molecules/fcidump/H2_0.7414.FCIDUMP")).expect("data");
    let ion = text.replacen("NELEC=2", "NELEC=1", 1).replacen("NELEC= 2", "NELEC=1", 1).replacen("MS2=0", "MS2=1", 1);
    assert_ne!(ion, text);
    let files = folder(&[("ion.FCIDUMP", &ion)]);
    let file = path(&files, "ion.FCIDUMP");
    let build = |more: &[&str]| json(&[&["hamiltonian", "build", &file, "--exact"][..], more].concat());
    let number = |value: &serde_json::Value, key: &str| value[key].as_f64().unwrap_or_else(|| panic!("{key} in {value}"));
    let free = build(&[]);
    assert_eq!(free["global_minimum_is_in_sector"], false);
    let out = path(&files, "held.json");
    let held = build(&["--penalty", "number=2", "--penalty", "spin-z=1", "--out", &out]);
    // the ion's own energy stays, and is the lowest now
    assert!((number(&held, "sector_ground_energy") - number(&free, "sector_ground_energy")).abs() < 1e-10, "{held}");
    assert!((number(&held, "ground_energy") - number(&free, "sector_ground_energy")).abs() < 1e-10, "{held}");
    assert_eq!(held["global_minimum_is_in_sector"], true);
    let shown = json(&["hamiltonian", &out]);
    assert!((number(&shown, "ground_energy") - number(&held, "ground_energy")).abs() < 1e-10);
    for wrong in ["number=0", "charge=1", "number", "spin-z=-1"] {
        let message = refusal(&["hamiltonian", "build", &file, "--penalty", wrong], 2);
        assert!(message.contains("number=W"), "{message}");
    }
}
