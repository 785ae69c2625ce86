package documents

import (
	_ "embed"
	"strings"
)

// LegalText is a text of law that is reproduced word for word: dated, sourced,
// never paraphrased nor set anew. A document says which version it carries.
type LegalText struct {
	ID               string // "CPCE L111-8"
	Version          string // stays with the letter; a new text is a new version beside the old one
	Source           string
	VerifiedByLawyer bool
	Paragraphs       []string
}

//go:embed texts/l111-8.txt
var l1118 string

// L1118 is what a first letter must reproduce (CPCE R124-4, 5°): the second and
// third paragraphs of article L111-8.
var L1118 = LegalText{
	ID:         "CPCE L111-8, al. 2 et 3",
	Version:    "2026-11",
	Source:     "Code des procédures civiles d'exécution, article L111-8, deuxième et troisième alinéas, texte relevé en novembre 2026",
	Paragraphs: paragraphs(l1118),
}

func paragraphs(text string) []string {
	var found []string
	for _, p := range strings.Split(text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			found = append(found, p)
		}
	}
	return found
}
