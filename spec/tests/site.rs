//! The site: well-formed, linked, the same each time, and written into its folder alone.
#![cfg(feature = "site")]
#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs, process};

use roxmltree::{Document, ParsingOptions};
use wsconform_abnf::draw::{Pen, boxes, railroad};
use wsconform_spec::site::{Page, pages, write};
use wsconform_spec::{Book, Evidence, EvidenceKind};

/// The embedded book with evidence of every kind.
fn embedded() -> (Book, Vec<Evidence>) {
    let book = Book::embedded().unwrap();
    let mut evidence = Vec::new();
    let mut add = |id: &str, kind, name: &str| {
        let requirement = id.parse().unwrap();
        evidence.push(Evidence { requirement, kind, name: name.to_owned() });
    };
    add("frame.rsv", EvidenceKind::Case, "frame.rsv");
    add("frame.rsv", EvidenceKind::Peer, "rsv-<unchecked>");
    add("frame.length.read", EvidenceKind::Vector, "frames/hello");
    add("frame.length.read", EvidenceKind::Case, "every case");
    add("ping.latest", EvidenceKind::Freedom, "answers & merges");
    (book, evidence)
}

fn site() -> Vec<Page> {
    let (book, evidence) = embedded();
    pages(&book, &evidence).unwrap()
}

fn parsed(page: &Page) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    Document::parse_with_options(&page.content, options)
        .unwrap_or_else(|error| panic!("{}: {error}", page.file))
}

fn html(pages: &[Page]) -> impl Iterator<Item = &Page> {
    pages.iter().filter(|page| page.file.ends_with(".html"))
}

#[test]
fn equal_books_give_equal_sites() {
    assert_eq!(site(), site());
}

#[test]
fn every_internal_link_leads_somewhere_and_every_id_is_unique() {
    let pages = site();
    let mut anchors: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for page in html(&pages) {
        let own = anchors.entry(&page.file).or_default();
        for node in parsed(page).descendants() {
            if let Some(id) = node.attribute("id") {
                assert!(own.insert(id.to_owned()), "{}: id {id} twice", page.file);
            }
        }
    }
    let mut links = 0;
    for page in html(&pages) {
        for node in parsed(page).descendants() {
            for attribute in node.attributes() {
                if !matches!(attribute.name(), "href" | "src") {
                    continue;
                }
                let target = attribute.value();
                links += 1;
                let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
                let file = if file.is_empty() { &page.file } else { file };
                assert!(
                    pages.iter().any(|one| one.file == file),
                    "{}: {target} leads to no page",
                    page.file
                );
                let known = |own: &BTreeSet<String>| anchor.is_empty() || own.contains(anchor);
                assert!(
                    file == "style.css" || anchors.get(file).is_some_and(known),
                    "{}: {target} leads nowhere",
                    page.file
                );
            }
        }
    }
    assert!(links > 2_000, "{links} links");
}

/// Nothing is fetched: no script, font or picture from elsewhere.
#[test]
fn nothing_comes_from_outside() {
    for page in site() {
        let text = page.content.replace("\"http://www.w3.org/", "");
        for outside in ["\"http:", "\"https:", "\"file:", "\"//", "url(", "@import", " src="] {
            assert!(!text.contains(outside), "{}: {outside}", page.file);
        }
    }
}

/// On its own too, outside of a page, with its own style.
#[test]
fn every_rule_of_the_book_is_drawn() {
    let book = Book::embedded().unwrap();
    let grammar = book.grammar();
    let pen = Pen { link: &|name| Some(format!("#{name}")), style: true };
    let mut boxed = 0;
    for rule in grammar.rules().chain(grammar.core_rules()) {
        let boxes = boxes(grammar, rule, &pen);
        boxed += usize::from(boxes.is_some());
        for svg in [Some(railroad(rule, &pen)), boxes].into_iter().flatten() {
            let document = Document::parse(&svg);
            let document = document.unwrap_or_else(|error| panic!("{}: {error}", rule.name()));
            assert!(document.root_element().has_tag_name(("http://www.w3.org/2000/svg", "svg")));
        }
    }
    assert!(boxed > 5, "{boxed}");
}

#[test]
fn every_requirement_case_example_and_rule_has_its_place() {
    let (book, _) = embedded();
    let pages = site();
    let all: String = html(&pages).map(|page| page.content.as_str()).collect();
    let has = |id: String| assert!(all.contains(&format!(" id=\"{id}\"")), "{id}");
    book.requirements().keys().for_each(|id| has(id.to_string()));
    book.scenarios().iter().for_each(|scenario| has(format!("case:{}", scenario.id)));
    book.examples().iter().for_each(|example| has(format!("example:{}", example.id)));
    book.grammar().rules().for_each(|rule| has(format!("rule:{}", rule.name())));
    book.grammar().core_rules().for_each(|rule| has(format!("core:{}", rule.name())));
}

#[test]
fn a_requirement_is_linked_with_what_names_it() {
    let (book, evidence) = embedded();
    let pages = pages(&book, &evidence).unwrap();
    let page = pages.iter().find(|page| page.file == "30-framing.html").unwrap();
    let document = parsed(page);
    let card = document.descendants().find(|node| node.attribute("id") == Some("frame.rsv"));
    let card = card.unwrap();
    let links: Vec<_> = card.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(links.contains(&"30-framing.html#case:frame.rsv"), "{links:?}");
    assert!(links.contains(&"30-framing.html#rule:frame-flags"), "{links:?}");
    assert!(page.content.contains("rsv-&lt;unchecked&gt;"));
    let back = document.descendants().any(|node| {
        node.attribute("href") == Some("30-framing.html#frame.rsv")
            && node.ancestors().any(|one| one.attribute("class") == Some("block scenario"))
    });
    assert!(back);
}

/// Every place of the patent has a row, with links to what makes it precise and back.
#[test]
fn the_patent_has_a_page() {
    let pages = site();
    let page = pages.iter().find(|page| page.file == "claims.html").unwrap();
    let document = parsed(page);
    let row = |id: &str| document.descendants().find(|node| node.attribute("id") == Some(id));
    for place in wsconform_spec::Place::all() {
        let number = place.number();
        let claim = format!("place:claim-{number}");
        assert!(row(&format!("place:{number}")).or(row(&claim)).is_some(), "{place}");
    }
    let opcode = row("place:claim-19").unwrap();
    let links: Vec<_> = opcode.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(links.contains(&"40-control.html#filter.text"), "{links:?}");
    let chapter = pages.iter().find(|page| page.file == "40-control.html").unwrap();
    assert!(chapter.content.contains("claims.html#place:claim-19"));
}

/// Every sentence that the map names has a row, with links to what makes it precise and back.
#[test]
fn the_rfc_has_a_page() {
    let pages = site();
    let page = pages.iter().find(|page| page.file == "rfc6455.html").unwrap();
    let document = parsed(page);
    let row = |id: &str| document.descendants().find(|node| node.attribute("id") == Some(id));
    let book = Book::embedded().unwrap();
    for entry in book.rfc6455().entries() {
        assert!(row(&format!("line:{}", entry.place.line())).is_some(), "{}", entry.place);
    }
    let ping = row("line:2042").unwrap();
    let links: Vec<_> = ping.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(links.contains(&"30-framing.html#ping.answered"), "{links:?}");
    assert!(page.content.contains("Upon receipt of a Ping frame, an endpoint MUST send a Pong"));
    let chapter = pages.iter().find(|page| page.file == "30-framing.html").unwrap();
    assert!(chapter.content.contains("rfc6455.html#line:2042"));
}

/// A small chapter, drawings apart.
#[test]
fn a_chapter_as_a_page() {
    let chapter = "\
# One

See `one.first` and `rule-b`.

```abnf
rule-a = rule-b / %s\"A\"      ; a remark
       ;@ where length(rule-b) > 0 ; fail 1002 one.first
rule-b = *DIGIT
```

r[one.first]
A client SHOULD say `A`.
*Binds:* client. *Source:* this book.

```example
example  frames/one
reads    client
covers   one.first
octets   81 01 \"A\"
means    text \"A\"
```

```scenario
scenario one.case
roles    client
needs    case one.other
for      word in \"a\", \"b\"
open
expect   text $word : one.first       ; or not
```

```scenario
scenario one.other
roles    client
open
expect   text \"A\" : one.first
```
";
    let book = Book::from_texts([("10-one.md", chapter)]).unwrap();
    let requirement: wsconform_spec::RequirementId = "one.first".parse().unwrap();
    let evidence = [(EvidenceKind::Case, "one.case"), (EvidenceKind::Peer, "silent")];
    let evidence = evidence.map(|(kind, name)| Evidence {
        requirement: requirement.clone(),
        kind,
        name: name.to_owned(),
    });
    let pages = pages(&book, &evidence).unwrap();
    let page = pages.iter().find(|page| page.file == "10-one.html").unwrap();
    let main = page.content.split_once("<main").unwrap().1;
    let mut shown = String::new();
    for (index, part) in main.split("<svg").enumerate() {
        let part = if index == 0 { part } else { part.split_once("</svg>").unwrap().1 };
        shown.push_str(part);
    }
    insta::assert_snapshot!(shown);
}

/// The book is lenient about the lines around what is executable; whatever it reads has its place.
#[test]
fn the_place_of_a_requirement_is_that_of_the_book() {
    let chapter = "\
# One\r\n\r\n- a list\r\n\r\n      r[one.first]\r\n\r\n      A client MUST.\r
      *Binds:* client. *Source:* this book.\r\n\r\n  ~~~~ abnf of it\r\n  rule = \"a\"\r\n  ~~~~\r
text behind\r\n";
    let book = Book::from_texts([("10-one.md", chapter)]).unwrap();
    let pages = pages(&book, &[]).unwrap();
    let page = pages.iter().find(|page| page.file == "10-one.html").unwrap();
    let document = parsed(page);
    let ids: Vec<_> = document.descendants().filter_map(|node| node.attribute("id")).collect();
    assert_eq!(ids, ["text", "section:one", "one.first", "rule:rule"]);
    assert_eq!(page.content.matches("A client MUST.").count(), 1);
    assert!(page.content.contains("<p>text behind</p>"), "{}", page.content);
}

/// Whatever a book says is text: no element of the site, and no link out of it that is none.
#[test]
fn a_hostile_book_is_shown_as_it_is() {
    let chapter = "\
# One <script>alert(1)</script> & `</code>`

<script>alert(2)</script>

A [link](javascript:alert(3)), [another](../../etc/passwd), a [chapter](20-two.md#section:two),
<b onclick=\"x\">bold</b>, ![picture](http://127.0.0.1/x.png) and &amp; &lt; `<i>` \u{1}.

|a|b|
|---|---|
|`<`|<i>|

## One
## One

```html
</pre><script>alert(4)</script>
```

```abnf
a-rule = <prose & \"quotes> %s\"<b>\" \"&\" ; <script> is.no-requirement. é
```

r[one.first]
A server MUST say `</p>` & <b>no more</b>.
*Binds:* server. *Source:* <RFC> 6455 & \"5\".
";
    let book =
        Book::from_texts([("10-one.md", chapter), ("20-two.md", "# Two\n\n## Two\n")]).unwrap();
    let pages = pages(&book, &[]).unwrap();
    for page in html(&pages) {
        let scripts = parsed(page).descendants().filter(|node| node.has_tag_name("script")).count();
        assert_eq!(scripts, usize::from(page.file == "requirements.html"), "{}", page.file);
    }
    let page = pages.iter().find(|page| page.file == "10-one.html").unwrap();
    let document = parsed(page);
    let main = document.descendants().find(|node| node.has_tag_name("main")).unwrap();
    let names: BTreeSet<_> = main.descendants().map(|node| node.tag_name().name()).collect();
    assert!(!names.contains("b") && !names.contains("i") && !names.contains("img"), "{names:?}");
    let links: Vec<_> = main.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(!links.iter().any(|link| link.contains("script") || link.contains("..")), "{links:?}");
    assert!(links.contains(&"20-two.html#section:two"), "{links:?}");
    assert!(main.descendants().any(|node| node.attribute("id") == Some("section:one-2")));
}

#[test]
fn evidence_that_fits_nothing_is_refused() {
    let (book, mut evidence) = embedded();
    evidence[0].requirement = "frame.gone".parse().unwrap();
    assert!(pages(&book, &evidence).unwrap_err().to_string().contains("frame.gone"));
}

/// A folder of this test, empty.
fn folder(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("wsconform-site-{}-{name}", process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn page(file: &str, content: &str) -> Page {
    Page { file: file.to_owned(), content: content.to_owned() }
}

#[test]
fn a_site_is_written_and_brought_up_to_date() {
    let folder = folder("update");
    let first = [page("index.html", "1"), page("old.html", "1"), page("style.css", "1")];
    assert_eq!(write(&first, &folder.join("deep")).unwrap().pages, 2);
    let folder = folder.join("deep");
    fs::write(folder.join("notes.txt"), "of somebody else").unwrap();
    let second = [page("index.html", "2"), page("style.css", "2")];
    let outcome = write(&second, &folder).unwrap();
    assert_eq!((outcome.pages, outcome.removed), (1, 1));
    assert_eq!(names(&folder), [".wsconform-site", "index.html", "notes.txt", "style.css"]);
    assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "2");
    let third = [page("index.html", "3"), page("notes.txt", "3")];
    let error = write(&third, &folder).unwrap_err().to_string();
    assert!(error.contains("notes.txt is in the way"), "{error}");
    assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "2");
    fs::remove_dir_all(folder.parent().unwrap()).unwrap();
}

#[test]
fn a_folder_of_somebody_else_is_left_alone() {
    let folder = folder("foreign");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("index.html"), "mine").unwrap();
    let error = write(&[page("index.html", "1")], &folder).unwrap_err().to_string();
    assert!(error.contains("is not empty") && error.contains("help:"), "{error}");
    assert_eq!(fs::read_to_string(folder.join("index.html")).unwrap(), "mine");
    fs::remove_dir_all(&folder).unwrap();
    fs::write(&folder, "a file").unwrap();
    assert!(write(&[page("index.html", "1")], &folder).is_err());
    fs::remove_file(&folder).unwrap();
}

/// A marker names files of the folder, whatever it says.
#[cfg(unix)]
#[test]
fn nothing_is_written_or_removed_outside_of_the_folder() {
    let folder = folder("outside");
    let (inside, outside) = (folder.join("in"), folder.join("out.html"));
    write(&[page("index.html", "1")], &inside).unwrap();
    fs::write(&outside, "outside").unwrap();
    fs::write(inside.join(".wsconform-site"), "../out.html\nindex.html\n").unwrap();
    fs::remove_file(inside.join("index.html")).unwrap();
    std::os::unix::fs::symlink(&outside, inside.join("index.html")).unwrap();
    write(&[page("index.html", "2")], &inside).unwrap();
    assert_eq!(fs::read_to_string(&outside).unwrap(), "outside");
    assert_eq!(fs::read_to_string(inside.join("index.html")).unwrap(), "2");
    fs::remove_dir_all(&folder).unwrap();
}
