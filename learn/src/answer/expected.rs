//! What kind of thing a question asks for, and whether a sentence has one.

use serde::{Deserialize, Serialize};

use crate::text::words;

/// What a question asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerType {
    /// Who.
    Person,
    /// When, or what year.
    Date,
    /// Where, or what country.
    Place,
    /// How many, how much, how long.
    Number,
    /// Why.
    Reason,
    /// Anything else.
    Other,
}

const DATES: [&str; 7] = ["year", "date", "day", "month", "decade", "century", "time"];
const PLACES: [&str; 8] = ["place", "location", "country", "city", "state", "continent", "town", "venue"];
const NUMBERS: [&str; 5] = ["number", "percentage", "percent", "amount", "position"];
const MEASURES: [&str; 14] =
    ["many", "much", "long", "often", "old", "far", "tall", "fast", "big", "large", "high", "deep", "heavy", "close"];
const PEOPLE: [&str; 6] = ["person", "singer", "artist", "scientist", "author", "producer"];
const MONTHS: [&str; 12] =
    ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];
const COUNTS: [&str; 22] = [
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "hundred",
    "thousand", "million", "billion", "half", "first", "second", "third", "percent",
];
const REASONS: [&str; 9] = ["because", "due", "since", "therefore", "reason", "cause", "caused", "order", "thus"];
const PREPOSITIONS: [&str; 7] = ["in", "at", "near", "from", "on", "of", "to"];

impl AnswerType {
    /// By the question word, or the noun after "what" or "which".
    ///
    /// ```
    /// use qloom_learn::AnswerType;
    /// assert_eq!(AnswerType::of("In which year did it begin?"), AnswerType::Date);
    /// assert_eq!(AnswerType::of("How many atoms are there?"), AnswerType::Number);
    /// ```
    pub fn of(question: &str) -> Self {
        let list: Vec<String> = words(question).collect();
        for (place, word) in list.iter().enumerate() {
            let next = list.get(place + 1).map_or("", String::as_str);
            match word.as_str() {
                "who" | "whom" | "whose" => return AnswerType::Person,
                "when" => return AnswerType::Date,
                "where" => return AnswerType::Place,
                "why" => return AnswerType::Reason,
                "how" if MEASURES.contains(&next) => return AnswerType::Number,
                "what" | "which" => {
                    // the noun may have a word in front
                    let near = list[place + 1..].iter().take(2).map(String::as_str);
                    for noun in near {
                        for (nouns, kind) in [
                            (&DATES[..], AnswerType::Date),
                            (&PLACES, AnswerType::Place),
                            (&NUMBERS, AnswerType::Number),
                            (&PEOPLE, AnswerType::Person),
                        ] {
                            if nouns.contains(&noun) {
                                return kind;
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        AnswerType::Other
    }

    /// Whether a sentence has what is asked for; never for [`AnswerType::Other`].
    pub fn is_in(self, sentence: &str) -> bool {
        let small = || words(sentence);
        let year = |word: &str| word.len() == 4 && word.parse::<u32>().is_ok_and(|year| (1000..2100).contains(&year));
        let has_digit = || sentence.chars().any(|c| c.is_ascii_digit());
        match self {
            AnswerType::Date => small().any(|word| year(&word) || MONTHS.contains(&word.as_str()) || word == "century"),
            AnswerType::Number => has_digit() || small().any(|word| COUNTS.contains(&word.as_str())),
            AnswerType::Reason => small().any(|word| REASONS.contains(&word.as_str())),
            AnswerType::Person => names(sentence).windows(2).any(|pair| pair[0] && pair[1]),
            AnswerType::Place => {
                let list: Vec<&str> = parts(sentence).collect();
                let names = names(sentence);
                (1..list.len()).any(|k| names[k] && PREPOSITIONS.contains(&list[k - 1].to_lowercase().as_str()))
            }
            AnswerType::Other => false,
        }
    }
}

/// The words of a sentence as they are written.
fn parts(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|part| !part.is_empty())
}

/// Whether each word begins with a capital letter.
fn names(sentence: &str) -> Vec<bool> {
    parts(sentence).map(|part| part.chars().next().is_some_and(char::is_uppercase)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_have_types() {
        for (question, kind) in [
            ("Who wrote it?", AnswerType::Person),
            ("For which singer was it written?", AnswerType::Person),
            ("When did it end?", AnswerType::Date),
            ("In what other year was it?", AnswerType::Date),
            ("Where is it?", AnswerType::Place),
            ("It was recorded in what city?", AnswerType::Place),
            ("How long is it?", AnswerType::Number),
            ("How does it work?", AnswerType::Other),
            ("What is it?", AnswerType::Other),
            ("Why is it so?", AnswerType::Reason),
            ("?", AnswerType::Other),
        ] {
            assert_eq!(AnswerType::of(question), kind, "{question}");
        }
    }

    #[test]
    fn sentences_have_what_is_asked_for() {
        for (kind, with, without) in [
            (AnswerType::Person, "it was sung by Mary Stone.", "It was sung by a man."),
            (AnswerType::Date, "It began in 1969.", "It has 12 parts."),
            (AnswerType::Date, "It began in May.", "It began late."),
            (AnswerType::Place, "It was made in Rome.", "It was made in a house."),
            (AnswerType::Number, "There are three.", "There are some."),
            (AnswerType::Reason, "It fell because of the wind.", "It fell."),
        ] {
            assert!(kind.is_in(with) && !kind.is_in(without), "{kind:?}");
        }
        assert!(!AnswerType::Other.is_in("Rome 1969"));
    }
}
