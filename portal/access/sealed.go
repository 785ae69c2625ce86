package access

import (
	"encoding/base64"
	"net/url"
)

// sealedMax bounds what an address carries; servers in between cut longer ones.
const sealedMax = 1500

// SealForm writes what was typed into a text that may stand in an address:
// nothing can be read in it, and only the visitor it was made for, on the page
// it was made for, gets it back. ok is false where it would be too long.
//
// A step that is read again before it is done can so be opened by GET: Back and
// "reload" show it without asking to send a form once more, and nothing of it
// is stored anywhere.
func (s *Service) SealForm(v *Visit, page string, form url.Values) (sealed string, ok bool) {
	if v == nil {
		return "", false
	}
	sealed = base64.RawURLEncoding.EncodeToString(seal(s.keys.addresses, page+" "+v.owner(), []byte(form.Encode())))
	return sealed, len(sealed) <= sealedMax
}

// OpenForm reads what SealForm wrote for the same visitor and page; ok is false
// for any other text.
func (s *Service) OpenForm(v *Visit, page, sealed string) (form url.Values, ok bool) {
	if v == nil || len(sealed) > sealedMax {
		return nil, false
	}
	box, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return nil, false
	}
	text, err := unseal(s.keys.addresses, page+" "+v.owner(), box)
	if err != nil {
		return nil, false
	}
	form, err = url.ParseQuery(string(text))
	return form, err == nil
}
