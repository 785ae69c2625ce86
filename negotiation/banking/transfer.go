package banking

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Transfer is a credit transfer in euros to be made.
type Transfer struct {
	Holder    string // the exact name: the payer's bank compares it
	IBAN      string
	BIC       string // may be empty inside the European Economic Area
	Cents     int64  // 0: the payer says how much
	Reference string // ISO 11649
}

// Bounds of EPC069-12.
const (
	holderMax  = 70 // characters
	centsMax   = 999_999_999_99
	payloadMax = 331 // bytes
)

// ErrTransfer says that a transfer cannot be put in a QR code.
var ErrTransfer = errors.New("no transfer of EPC069-12")

// QR is what the QR code of a transfer holds: EPC069-12, version 002, in UTF-8.
// A payer's banking app fills the transfer in from it.
func (t Transfer) QR() (string, error) {
	iban, ok := ParseIBAN(t.IBAN)
	if !ok {
		return "", fmt.Errorf("%w: IBAN", ErrTransfer)
	}
	bic, amount := "", ""
	if t.BIC != "" {
		if bic, ok = ParseBIC(t.BIC); !ok {
			return "", fmt.Errorf("%w: BIC", ErrTransfer)
		}
	}
	if _, ok := ParseReference(t.Reference); !ok {
		return "", fmt.Errorf("%w: reference", ErrTransfer)
	}
	holder := strings.Join(strings.Fields(t.Holder), " ")
	if holder == "" || utf8.RuneCountInString(holder) > holderMax {
		return "", fmt.Errorf("%w: name of the account's holder", ErrTransfer)
	}
	if t.Cents < 0 || t.Cents > centsMax {
		return "", fmt.Errorf("%w: amount", ErrTransfer)
	}
	if t.Cents > 0 {
		amount = fmt.Sprintf("EUR%d.%02d", t.Cents/100, t.Cents%100)
	}
	// Service tag, version, character set (1: UTF-8), identification; then the
	// purpose, which we do not give, and the reference that stands for a text.
	payload := strings.Join([]string{"BCD", "002", "1", "SCT", bic, holder, iban, amount, "", compact(t.Reference)}, "\n")
	if len(payload) > payloadMax {
		return "", fmt.Errorf("%w: %d bytes", ErrTransfer, len(payload))
	}
	return payload, nil
}
