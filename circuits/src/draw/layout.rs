//! Where everything goes: columns of items on wires.

use super::label;
use crate::circuit::Circuit;
use crate::operation::Operation;
use crate::schedule::Schedule;

/// What stands on one wire of one item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Mark {
    Control,
    Target,
    Cross,
    /// A box with its label; the tag tells the qubits of an asymmetric gate apart.
    Box {
        label: String,
        tag: Option<String>,
    },
    /// Into the classical bit of this name.
    Measure(String),
    Barrier,
}

/// One operation in its column.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub column: usize,
    /// Marks with their wires, ascending.
    pub marks: Vec<(usize, Mark)>,
    /// Label of the one box that stands for all marks.
    pub shared: Option<String>,
}

impl Item {
    /// First and last wire.
    pub fn span(&self) -> (usize, usize) {
        (self.marks[0].0, self.marks[self.marks.len() - 1].0)
    }

    /// Whether its boxes are next to each other, so that one box can hold them all.
    pub fn is_block(&self) -> bool {
        let (first, last) = self.span();
        self.shared.is_some() && last - first + 1 == self.marks.len()
    }
}

pub(super) struct Layout {
    pub wires: Vec<String>,
    pub columns: usize,
    /// In order of columns.
    pub items: Vec<Item>,
}

impl Layout {
    pub fn new(circuit: &Circuit) -> Self {
        let registers = circuit.qubit_registers().iter();
        let wires: Vec<String> =
            registers.flat_map(|register| (0..register.size).map(move |k| format!("{}[{k}]", register.name))).collect();
        let mut schedule = Schedule::new(wires.len(), circuit.num_bits());
        let mut items = Vec::new();
        for operation in circuit.operations() {
            place(circuit, operation, &Context::default(), &mut schedule, &mut items);
        }
        items.sort_by_key(|item: &Item| item.column);
        let columns = items.last().map_or(0, |item| item.column + 1);
        let mut layout = Self { wires, columns, items };
        if layout.wires.len() > MANY_WIRES {
            layout.drop_idle_wires();
        }
        layout
    }

    /// The items of these columns.
    pub fn items_in(&self, columns: std::ops::Range<usize>) -> &[Item] {
        let at = |column: usize| self.items.partition_point(|item| item.column < column);
        &self.items[at(columns.start)..at(columns.end)]
    }

    /// Leaves out the wires on which nothing but barriers stands, as on most qubits of a large machine.
    fn drop_idle_wires(&mut self) {
        let mut position = vec![None; self.wires.len()];
        let busy = |item: &Item| !item.marks.iter().all(|(_, mark)| *mark == Mark::Barrier);
        for (wire, _) in self.items.iter().filter(|item| busy(item)).flat_map(|item| &item.marks) {
            position[*wire] = Some(0);
        }
        position.iter_mut().flatten().enumerate().for_each(|(index, place)| *place = index);
        for item in &mut self.items {
            item.marks.retain_mut(|(wire, _)| position[*wire].map(|place| *wire = place).is_some());
        }
        self.items.retain(|item| !item.marks.is_empty());
        let mut places = position.iter();
        self.wires.retain(|_| places.next().is_some_and(Option::is_some));
    }
}

/// Circuits of more wires than this are drawn without idle ones.
const MANY_WIRES: usize = 32;

/// The conditions around an operation.
#[derive(Default)]
struct Context<'a> {
    /// In words, before the operation's label.
    label: String,
    /// The innermost block with its conditions, and those around it.
    blocks: Vec<&'a Operation>,
}

/// As soon as every wire between the first and the last is free, and every bit of its conditions known.
fn place<'a>(
    circuit: &Circuit,
    operation: &'a Operation,
    context: &Context<'a>,
    schedule: &mut Schedule<usize>,
    items: &mut Vec<Item>,
) {
    if let Operation::Conditional(block) = operation {
        for (word, list) in [("if", &block.then), ("unless", &block.otherwise)] {
            let label = format!("{}{word} {}: ", context.label, label::condition(circuit, &block.condition));
            let inner = Context { label, blocks: context.blocks.iter().copied().chain([operation]).collect() };
            list.iter().for_each(|operation| place(circuit, operation, &inner, schedule, items));
        }
        return;
    }
    let (mut marks, shared) = marks(circuit, operation, &context.label);
    if marks.is_empty() {
        return;
    }
    marks.sort_by_key(|(wire, _)| *wire);
    let mut item = Item { column: 0, marks, shared };
    let (first, last) = item.span();
    let wires: Vec<usize> = (first..=last).collect();
    item.column = schedule.start(&wires, operation);
    let conditions = context.blocks.iter().filter_map(|block| schedule.known(block)).max();
    item.column = item.column.max(conditions.unwrap_or(0));
    schedule.occupy(&wires, operation, item.column + 1);
    context.blocks.iter().for_each(|block| schedule.read(block, item.column + 1));
    items.push(item);
}

type Marks = Vec<(usize, Mark)>;

fn marks(circuit: &Circuit, operation: &Operation, condition: &str) -> (Marks, Option<String>) {
    let qubits = operation.qubits();
    let tagged = |label: &str| -> Marks {
        let tag = |position: usize| (qubits.len() > 1).then(|| position.to_string());
        let boxed = |(position, &qubit)| (qubit, Mark::Box { label: label.to_string(), tag: tag(position) });
        qubits.iter().enumerate().map(boxed).collect()
    };
    match operation {
        Operation::Gate { gate, .. } => {
            let angles = label::angles(circuit, operation);
            if !condition.is_empty() {
                let label = format!("{condition}{gate}{angles}");
                return (tagged(&label), Some(label));
            }
            let mut named = false;
            let mark = |(glyph, &qubit): (&&str, &usize)| {
                let mark = match *glyph {
                    "●" => Mark::Control,
                    "⊕" => Mark::Target,
                    "×" => Mark::Cross,
                    text => {
                        let (name, tag) = text.split_once(':').map_or((text, None), |(name, tag)| (name, Some(tag.to_string())));
                        let shown = if named { String::new() } else { angles.clone() };
                        named = true;
                        Mark::Box { label: format!("{name}{shown}"), tag }
                    }
                };
                (qubit, mark)
            };
            let glyphs = gate.spec().glyphs;
            let marks: Marks = glyphs.iter().zip(&qubits).map(mark).collect();
            let boxes = marks.len() > 1 && marks.iter().all(|(_, mark)| matches!(mark, Mark::Box { .. }));
            let name = glyphs[0].split(':').next().unwrap_or_default();
            (marks, boxes.then(|| format!("{name}{angles}")))
        }
        Operation::PauliRotation { pauli, .. } => {
            let angles = label::angles(circuit, operation);
            let mark = |(position, &qubit): (usize, &usize)| {
                let shown = if position == 0 { angles.as_str() } else { "" };
                (qubit, Mark::Box { label: format!("{condition}R[{}]{shown}", pauli.letter(qubit).letter()), tag: None })
            };
            (qubits.iter().enumerate().map(mark).collect(), None)
        }
        Operation::Unitary { controls, qubits, .. } => {
            let several = qubits.len() > 1;
            let tag = |position: usize| several.then(|| position.to_string());
            let boxed = |(position, &qubit)| (qubit, Mark::Box { label: format!("{condition}U"), tag: tag(position) });
            let marks: Marks =
                controls.iter().map(|&qubit| (qubit, Mark::Control)).chain(qubits.iter().enumerate().map(boxed)).collect();
            (marks, (several && controls.is_empty()).then(|| format!("{condition}U")))
        }
        Operation::Channel { channel, .. } => (tagged(channel.name()), Some(channel.name().to_string())),
        Operation::Measure { qubit, bit } if condition.is_empty() => {
            (vec![(*qubit, Mark::Measure(label::bit(circuit, *bit)))], None)
        }
        Operation::Measure { bit, .. } => (tagged(&format!("{condition}M→{}", label::bit(circuit, *bit))), None),
        Operation::Reset { .. } => (tagged(&format!("{condition}|0⟩")), None),
        Operation::Barrier { qubits } => {
            let all: Vec<usize> = if qubits.is_empty() { (0..circuit.num_qubits()).collect() } else { qubits.clone() };
            (all.into_iter().map(|qubit| (qubit, Mark::Barrier)).collect(), None)
        }
        Operation::Delay { duration_ns, qubits } => {
            let all: Vec<usize> = if qubits.is_empty() { (0..circuit.num_qubits()).collect() } else { qubits.clone() };
            let label = format!("{condition}{duration_ns} ns");
            let marks = all.into_iter().map(|qubit| (qubit, Mark::Box { label: label.clone(), tag: None })).collect();
            (marks, Some(label))
        }
        Operation::GlobalPhase(_) | Operation::Conditional(_) => (Marks::new(), None),
    }
}
