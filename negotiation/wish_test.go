package negotiation

import (
	"errors"
	"testing"
)

// What is kept to call back on can be dialled.
func TestWishKeepsATelephone(t *testing.T) {
	for typed, good := range map[string]bool{
		"06 12 34 56 78": true, "+33 (0)6.12.34.56.78": true, "0032-2/123.45.67": true, "06\u00a012\u00a034\u00a056\u00a078": true,
		"abc": false, "06": false, "06 12 34 56 78 le soir": false, "12345678901234567": false, "06+12345678": false,
	} {
		w := Wish{Kind: WishCallback, CallbackTo: typed}
		err := w.check()
		var refused *Refusal
		if good != (err == nil) || !good && (!errors.As(err, &refused) || refused.Code != "phone_wrong" || refused.Field != "phone") {
			t.Errorf("%q: %v", typed, err)
		}
	}
}
