use super::*;

const BOOL: &Node = &Node::leaf("\"bool\"");
const OPTIONAL: &Node = &Node::wrap("{\"optional\":", BOOL, "}");
const ARRAY: &Node = &Node::wrap_number("{\"array\":{\"len\":", 120, ",\"of\":", OPTIONAL, "}}");

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn holes_are_filled_in_order() {
    const PARTS: Parts = ("<->", &[1, 2, 2], &[ARRAY, &Node::leaf("+"), Node::EMPTY]);
    const BYTES: [u8; total(PARTS)] = concat(PARTS);
    assert_eq!(text(&BYTES), "<{\"array\":{\"len\":120,\"of\":{\"optional\":\"bool\"}}}-+>");
    const PLAIN: [u8; total(("abc", &[], &[]))] = concat(("abc", &[], &[]));
    assert_eq!(text(&PLAIN), "abc");
}

#[test]
fn long_texts_stay_trees_and_read_the_same() {
    const LONG: &str = concat!("0123456789012345678901234567890123456789", "0123456789012345678901234567890123456789");
    const TWO: &Node = &Node::wrap(LONG, &Node::leaf(LONG), LONG);
    const FOUR: &Node = &Node::wrap_number(LONG, 7, "-", TWO, LONG);
    const PARTS: Parts = ("[]", &[1], &[FOUR]);
    const BYTES: [u8; total(PARTS)] = concat(PARTS);
    assert!(matches!(TWO.text, Text::Short(_)) && matches!(FOUR.text, Text::Long { .. }));
    assert_eq!(text(&BYTES), format!("[{LONG}7-{LONG}{LONG}{LONG}{LONG}]"));
}

#[test]
fn members_of_several_types_are_one_list() {
    const INNER: &Node = &Node::listed(&[&Node::leaf("2"), Node::EMPTY, &Node::leaf("3")]);
    const ALL: &Node = &Node::listed(&[Node::EMPTY, &Node::leaf("1"), INNER, &Node::listed(&[Node::EMPTY])]);
    const PARTS: Parts = ("[]", &[1], &[ALL]);
    const BYTES: [u8; total(PARTS)] = concat(PARTS);
    assert_eq!(text(&BYTES), "[1,2,3]");
}

#[test]
#[should_panic(expected = "holes stand in order")]
fn a_hole_beyond_the_text_is_refused() {
    let _: [u8; 9] = concat(("abc", &[4], &[BOOL]));
}

#[test]
#[should_panic(expected = "longer than its array")]
fn an_array_that_is_too_short_is_refused() {
    let _: [u8; 8] = concat(("abc", &[3], &[BOOL]));
}

#[test]
#[should_panic(expected = "shorter than its array")]
fn an_array_that_is_too_long_is_refused() {
    let _: [u8; 10] = concat(("abc", &[3], &[BOOL]));
}

#[test]
fn numbers_have_as_many_digits_as_they_print() {
    for number in [0, 9, 10, 99, 100, 12_345, usize::MAX] {
        assert_eq!(digits(number), number.to_string().len(), "{number}");
    }
}

const EVENT: EventText = EventText {
    text: "<>[]",
    holes: &[1, 1, 3, 3],
    fields: &[&Facts::of(ARRAY, 7), &Facts::around(Node::EMPTY, "+", &Node::leaf("-"), 6, 8)],
};

#[test]
fn an_event_names_its_sdk_and_itself_before_its_fields() {
    const BYTES: [u8; EVENT.len("sdk", "event")] = EVENT.fill("sdk", "event");
    assert_eq!(text(&BYTES), "<sdkevent>[{\"array\":{\"len\":120,\"of\":{\"optional\":\"bool\"}}}+-]");
    assert_eq!(EVENT.fields.iter().map(|facts| facts.digest()).sum::<u128>(), 15);
    assert_eq!(EVENT.fields.iter().map(|facts| facts.texts()).sum::<usize>(), 6);
}

#[test]
#[should_panic(expected = "there is something for each hole")]
fn an_event_with_a_hole_too_many_is_refused() {
    let _: [u8; 4] = EventText { holes: &[1, 1, 3, 3, 3], ..EVENT }.fill("", "");
}

#[test]
#[should_panic(expected = "longer than its array")]
fn an_event_that_is_longer_than_its_array_is_refused() {
    let _: [u8; 12] = EVENT.fill("", "");
}

#[test]
#[should_panic(expected = "shorter than its array")]
fn an_event_that_is_shorter_than_its_array_is_refused() {
    let _: [u8; EVENT.len("", "") + 1] = EVENT.fill("", "");
}
