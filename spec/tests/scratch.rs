use wsconform_abnf::Source;
#[test]
fn directives() {
    let book = match wsconform_spec::Book::embedded() {
        Ok(b) => b,
        Err(e) => panic!("{e}"),
    };
    let mut n = 0;
    let mut bad = 0;
    for rule in book.grammar().rules() {
        for (source, d) in rule.directives() {
            let _: &Source = source;
            match wsconform_abnf::directive::parse(source, d.span.clone()) {
                Ok(t) => {
                    n += 1;
                    if let Some(f) = t.fail {
                        if book.requirement(&f.requirement).is_none() {
                            bad += 1;
                            eprintln!("no such id: {}", f.requirement);
                        }
                    }
                }
                Err(e) => {
                    bad += 1;
                    eprintln!("{e}");
                }
            }
        }
    }
    eprintln!("{n} directives");
    assert_eq!(bad, 0);
}
