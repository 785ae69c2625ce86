package page

// Form keeps what was typed and what is to be corrected, so that a refused
// form comes back whole.
type Form struct {
	Values map[string]string // by field name, as typed
	Errors []FieldError      // in the order of the fields

	Kept map[string][]KeptFile // by field name: files that came before and are not chosen again
}

// KeptFile is a file that an earlier try of a form kept.
type KeptFile struct {
	ID    string
	Name  string
	Bytes int64
	Pages int // of a PDF
}

// Keep shows the files that a field has already.
func (f *Form) Keep(field string, files []KeptFile) {
	if f.Kept == nil {
		f.Kept = map[string][]KeptFile{}
	}
	f.Kept[field] = files
}

// FieldError is one thing to correct. Text wins over Code, which names a
// phrase "error.<code>" filled with Values (name, value, name, value…).
type FieldError struct {
	Field  string // the field's name; empty when the whole form is meant
	Code   string
	Values []any
	Text   string
}

// Value returns what was typed in a field.
func (f Form) Value(field string) string { return f.Values[field] }

// Is says whether a choice was made or a box ticked.
func (f Form) Is(field, value string) bool { return f.Values[field] == value }

// Error returns the first thing to correct in a field, or nil.
func (f Form) Error(field string) *FieldError {
	for i := range f.Errors {
		if f.Errors[i].Field == field {
			return &f.Errors[i]
		}
	}
	return nil
}

// AllErrors returns everything to correct in a field.
func (f Form) AllErrors(field string) []FieldError {
	var of []FieldError
	for _, e := range f.Errors {
		if e.Field == field {
			of = append(of, e)
		}
	}
	return of
}

// Bad says whether anything is to be corrected.
func (f Form) Bad() bool { return len(f.Errors) > 0 }

// Add notes one thing to correct.
func (f *Form) Add(field, code string, values ...any) {
	f.Errors = append(f.Errors, FieldError{Field: field, Code: code, Values: values})
}
