package documents

import (
	"fmt"
	"strings"
	"testing"

	"amiable/portal/locale"
)

func aFileIndex() FileIndex {
	d := FileIndex{
		CaseReference: "AM 7K4P 9XWD 3", Agency: agency, Creditor: creditor, Debtor: debtor, FirstLetter: opening, MadeOn: "2026-11-21", For: "agent",
		Events: 27, ChainHead: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", Key: "9f2c41d07be3a658", KeysURL: "https://portail.accord.example/check-a-file",
		Parts: []FilePart{
			{Title: "Mandat", Pieces: []FilePiece{
				{Number: 1, Title: "Mandat du créancier, ses termes", On: "2024-01-02", SHA256: strings.Repeat("ab", 32)},
				{Number: 2, Title: "Mandat signé (MDT-1)", On: "2024-01-02", Note: "Conservé ailleurs, sous la référence indiquée ; pas de copie ici."},
			}},
		},
	}
	part := FilePart{Title: "Contestations"}
	for n := range 40 {
		part.Pieces = append(part.Pieces, FilePiece{Number: 3 + n, Title: fmt.Sprintf("Contestation n° 1, de Claire Vasseur : photo-%d.jpg", n), On: "2026-11-20", SHA256: strings.Repeat("cd", 32), Note: "Entre l'agence et le client."})
	}
	d.Parts = append(d.Parts, part)
	return d
}

func TestTheListOfPiecesNamesEachAndHowToCheck(t *testing.T) {
	text := read(t, draw(t, "file-index", aFileIndex(), locale.French))
	inOrder(t, text, "Bordereau des pièces, dossier AM 7K4P 9XWD 3", "arrêté au 21 novembre 2026", "42 pièces numérotées", "référence PL-2026-0412", "de l’agence, avec les lignes privées",
		"Mandat signé (MDT-1)", "Conservé ailleurs", "photo-39.jpg", "Vérifier ce dossier", "des 27 actes", "0f1e2d3c4b5a6978", "9f2c41d07be3a658", "https://portail.accord.example/check-a-file")
	if strings.Contains(text, strings.Repeat("ab", 9)) || strings.Contains(text, "8796a5b4") {
		t.Error("more than 16 digits are shown")
	}
	bare := aFileIndex()
	bare.ChainHead = ""
	if _, err := bare.PDF(locale.French); err == nil || !strings.Contains(err.Error(), "end of the chain") {
		t.Errorf("without the end of the chain: %v", err)
	}
}
