use proptest::prelude::*;

use super::*;

/// A token with its text, or the text of what is wrong and its message.
type Piece<'a> = Result<(Token, &'a str), (&'a str, String)>;

fn tokens(text: &str) -> Vec<Piece<'_>> {
    let mut lexer = Lexer::new(text);
    let mut list = Vec::new();
    loop {
        match lexer.next() {
            Ok((Token::End, span)) => {
                assert_eq!((span.start, span.end), (text.len(), text.len()));
                return list;
            }
            Ok((token, span)) => list.push(Ok((token, &text[span.start..span.end]))),
            Err(finding) => list.push(Err((&text[finding.span.start..finding.span.end], finding.message))),
        }
    }
}

#[test]
fn words_and_numbers_end_where_they_end() {
    use Token::{HardwareQubit, Identifier, Integer, Real, String, Symbol, Timing};
    for (text, expected) in [
        ("qubit", vec![(Identifier, "qubit")]),
        ("_a1 B_2", vec![(Identifier, "_a1"), (Identifier, "B_2")]),
        ("größe Δt1", vec![(Identifier, "größe"), (Identifier, "Δt1")]),
        ("12 1_000 0", vec![(Integer, "12"), (Integer, "1_000"), (Integer, "0")]),
        // a line that no digit follows ends the number
        ("1_ 1__0", vec![(Integer, "1"), (Identifier, "_"), (Integer, "1"), (Identifier, "__0")]),
        ("0xFf_0 0b1_1 0o17 0B1", vec![(Integer, "0xFf_0"), (Integer, "0b1_1"), (Integer, "0o17"), (Integer, "0B1")]),
        ("1.5 .5 5. 1_0.2_5", vec![(Real, "1.5"), (Real, ".5"), (Real, "5."), (Real, "1_0.2_5")]),
        ("1e3 1E-3 1.e+3", vec![(Real, "1e3"), (Real, "1E-3"), (Real, "1.e+3")]),
        // an exponent needs digits
        ("1e 1e+", vec![(Integer, "1"), (Identifier, "e"), (Integer, "1"), (Identifier, "e"), (Symbol("+"), "+")]),
        (
            "5ns 5us 5µs 5ms 5s 5dt 2im",
            vec![
                (Timing, "5ns"),
                (Timing, "5us"),
                (Timing, "5µs"),
                (Timing, "5ms"),
                (Timing, "5s"),
                (Timing, "5dt"),
                (Timing, "2im"),
            ],
        ),
        ("1.5e-3ms", vec![(Timing, "1.5e-3ms")]),
        // a unit ends a word of its own
        (
            "5nsx 5s1 5dt_",
            vec![(Integer, "5"), (Identifier, "nsx"), (Integer, "5"), (Identifier, "s1"), (Integer, "5"), (Identifier, "dt_")],
        ),
        ("$0 $12", vec![(HardwareQubit, "$0"), (HardwareQubit, "$12")]),
        ("\"a b\" 'c'", vec![(String, "\"a b\""), (String, "'c'")]),
        ("\"it's\"", vec![(String, "\"it's\"")]),
        ("", vec![]),
        ("\u{feff}x", vec![(Identifier, "x")]),
        (" \t\r\n\x0c x // y\n/* z\n z */w", vec![(Identifier, "x"), (Identifier, "w")]),
        ("a/b//c", vec![(Identifier, "a"), (Symbol("/"), "/"), (Identifier, "b")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(Ok).collect();
        assert_eq!(tokens(text), expected, "{text}");
    }
}

/// The longest symbol that fits is taken: every one, alone and with every other behind it.
#[test]
fn symbols_are_the_longest_that_fit() {
    let all =
        "**= <<= >>= -> == != <= >= && || ++ ** << >> += -= *= /= %= &= |= ^= ( ) [ ] { } ; , : = + - * / % ^ < > ! ~ @ & | . #";
    let all: Vec<&str> = all.split(' ').collect();
    for first in &all {
        assert_eq!(tokens(first), [Ok((Token::Symbol(first), *first))]);
        for second in &all {
            let text = format!("{first}{second}");
            if text.contains("//") || text.contains("/*") {
                continue;
            }
            let longest = all.iter().filter(|symbol| text.starts_with(**symbol)).map(|symbol| symbol.len()).max();
            let found = tokens(&text);
            assert_eq!(found[0].as_ref().map(|(_, text)| text.len()).ok(), longest, "{text}");
            let all_of_it: String = found.iter().map(|piece| piece.as_ref().expect("symbols").1).collect();
            assert_eq!(all_of_it, text);
        }
    }
}

#[test]
fn mistakes_are_told_and_reading_goes_on() {
    let cases = [
        ("a ? b", "?", "unexpected character '?'"),
        ("a \u{1} b", "\u{1}", "unexpected character '\\u{1}'"),
        ("a € b", "€", "unexpected character '€'"),
        ("a \"open\nb", "\"open", "a quotation that is not closed on its line"),
        ("a $x b", "$", "unexpected character '$'"),
    ];
    for (text, span, message) in cases {
        let found = tokens(text);
        assert_eq!(found[1], Err((span, message.to_owned())), "{text}");
        assert_eq!(found.last(), Some(&Ok((Token::Identifier, "b"))), "{text}");
    }
    let comment = tokens("a /* b c");
    assert_eq!(comment[1], Err(("/*", "a comment that is never closed".to_owned())));
    assert_eq!(comment.len(), 2);
    assert_eq!(tokens("\"never").len(), 1);
}

#[test]
fn pieces_are_skipped_whole() {
    let mut lexer = Lexer::new("12]x");
    let (value, span, end) = lexer.literal_index().expect("a number");
    assert_eq!((value, span.start, span.end, end), (12, 0, 2, 3));
    assert_eq!(lexer.next().ok().map(|(_, span)| span.start), Some(3));
    for text in ["]", "1 2]", "n]", "1", "1:2]", "123456789012345678]"] {
        let mut lexer = Lexer::new(text);
        assert_eq!(lexer.literal_index(), None, "{text}");
        assert_eq!(lexer.at, 0, "{text}");
    }
    assert_eq!(Lexer::new("12345678901234567]").literal_index().map(|(value, ..)| value), Some(12_345_678_901_234_567));
    let mut lexer = Lexer::new("pragma one two\nx");
    assert_eq!(lexer.next().ok().map(|(token, _)| token), Some(Token::Identifier));
    let rest = lexer.rest_of_line();
    assert_eq!((rest.start, rest.end), (6, 14));
    assert_eq!(lexer.rest_of_line(), Span { start: 14, end: 14 });
    // braces in quotations and comments are no braces
    let text = "cal { a { b } \"}\" /* } */ ? } x";
    let mut lexer = Lexer::new(text);
    assert_eq!(lexer.skip_braces(4), Some(text.len() - 2));
    assert_eq!(lexer.next().ok().map(|(token, _)| token), Some(Token::Identifier));
    assert_eq!(Lexer::new("{ { }").skip_braces(0), None);
    assert_eq!(Lexer::new("{}").skip_braces(0), Some(2));
}

proptest! {
    /// Whatever stands there, tokens stand in order, none is empty, and between them are blanks and comments alone.
    #[test]
    fn tokens_cover_the_text(text in "[a-z0-9_.$ \"'/*<>=!&|^~@#\\[\\](){};:,+µπ?\\n-]{0,40}") {
        let mut lexer = Lexer::new(&text);
        let mut at = 0;
        for _ in 0..=text.len() + 1 {
            let span = match lexer.next() {
                Ok((Token::End, _)) => return Ok(()),
                Ok((_, span)) => span,
                Err(finding) => finding.span,
            };
            prop_assert!(at <= span.start && span.start < span.end && span.end <= text.len());
            let gap = &text[at..span.start];
            prop_assert!(gap.is_empty() || gap.trim().is_empty() || gap.contains("//") || gap.contains("/*"), "{:?}", gap);
            at = span.end;
        }
        prop_assert!(false, "reading does not end");
    }
}

/// Notes may hold anything, and mistakes are passed over.
#[test]
fn physical_qubits_are_those_of_statements() {
    let text = "OPENQASM 3;\n@hint /* $7\npragma \" $8\nx $0; #pragma $9 /*\nctrl @ x $2, $0; if (c) {@note $7\nh $1_0;} ? \"open $3\n/* $5 */ // $6\nz $4";
    assert_eq!(hardware_qubits(text).collect::<Vec<_>>(), ["$0", "$2", "$0", "$1_0", "$4"]);
    assert_eq!(hardware_qubits("x $1; /* $2").collect::<Vec<_>>(), ["$1"]);
}
