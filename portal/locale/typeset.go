package locale

// Typeset puts what nobody types into a text that is not a phrase, such as the
// template of a letter: curly apostrophes and, in French, the spaces that must
// not break.
func (l Language) Typeset(text string) string { return typeset(l.Or(), text) }
