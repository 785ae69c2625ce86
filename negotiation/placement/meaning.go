package placement

// Meaning returns the name of the column of ours that a title stands for, or
// nothing where it is none that we know.
func Meaning(name string) string {
	t, known := titleIndex[fold(plainText(trim(name)))]
	if !known || t.field == fieldOurs {
		return ""
	}
	return fieldNames[t.field]
}
