package portal_test

import (
	"bytes"
	"image"
	"image/jpeg"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"amiable/negotiation"
)

// aPhoto is a photo as a phone would send it.
func aPhoto(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpeg.Encode(&out, image.NewRGBA(image.Rect(0, 0, 64, 48)), nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func (v *visitor) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatal(err)
	}
}

// send posts a form with files, by their names.
func (v *visitor) send(address string, values map[string]string, files map[string][]byte) *visitor {
	v.t.Helper()
	return v.sendIn("files", address, values, files)
}

// sendIn sends a form with its files in a field.
func (v *visitor) sendIn(field, address string, values map[string]string, files map[string][]byte) *visitor {
	v.t.Helper()
	body := &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for name, value := range values {
		v.must(w.WriteField(name, value))
	}
	for name, content := range files {
		part, err := w.CreateFormFile(field, name)
		v.must(err)
		_, err = part.Write(content)
		v.must(err)
	}
	v.must(w.Close())
	r, err := http.NewRequest(http.MethodPost, v.absolute(address), body)
	v.must(err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return v.do(r)
}

func TestThePhotoOfADisputeIsKeptAndOpenedByWhoMayReadItsStep(t *testing.T) {
	each(t, func(t *testing.T, s *site) {
		c := s.openCase(vasseur)
		v := s.enter(c, "claire.vasseur@example.test", "33000").get("/case/contest")
		form := map[string]string{"claim": c.Claims[0].ID, "part": "sum", "amount": "", "ground": "goods_or_service", "message": "La porte ferme mal."}
		v.send("/case/disputes", form, map[string][]byte{"porte.jpg": aPhoto(t), "relevé.pdf": []byte("<svg onload=alert(1)>")})
		v.answered(http.StatusUnprocessableEntity).sees("porte.jpg", "Fichier déjà gardé", "relevé.pdf : ce fichier n’est ni une photo")
		// Only the sum is typed again: the photo is there already, the other is left out.
		v.submit("/case/disputes", "amount", "320").answered(http.StatusOK).sees("C’est noté", "porte.jpg")
		d := s.disputes(c)[0]
		files := d.Steps[0].Files
		if len(files) != 1 || files[0].Name != "porte.jpg" || files[0].MediaType != "image/jpeg" {
			t.Fatalf("files: %+v", files)
		}
		at := "/case/disputes/" + d.ID
		own := at + "/files/" + files[0].Hash
		v.get(own).answered(http.StatusOK)
		if h := v.head; h.Get("Content-Type") != "image/jpeg" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(h.Get("Content-Disposition"), "porte.jpg") {
			t.Errorf("it is sent as %v", h)
		}
		newVisitor(s).get(s.base + own).sees("Votre session s’est fermée").seesNot("porte.jpg")

		// A paper that the agency was sent in confidence is nobody else's.
		s.must(s.negotiation.TakeUpDispute(s.ctx, admin, c.ID, d.ID))
		s.must(s.negotiation.WriteOnSheet(s.ctx, admin, c.ID, d.ID, negotiation.Sheet{
			Kind: negotiation.StepLine, Audience: negotiation.ToCreditorOnly, Words: "Entre nous.", Files: []negotiation.StepFile{{Hash: "hidden", Name: "note.pdf", MediaType: "application/pdf", Bytes: 9}},
		}))
		v.get(at).seesNot("note.pdf")
		v.get(at + "/files/hidden").answered(http.StatusNotFound)
		garage := s.openCase(garage)
		s.enter(garage, "compta@garage.example.test", "33000").get(own).answered(http.StatusNotFound)
		s.verify()
	})
}
