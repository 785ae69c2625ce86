package camt

import (
	"fmt"
	"strings"
)

// Code names why a file is refused whole, or what is doubtful about a
// statement. The codes are part of the interface: docs/bank.md lists them.
type Code string

// Why nothing of a file is taken.
const (
	Empty           Code = "empty_file"
	TooLarge        Code = "file_too_large"
	NotXML          Code = "not_xml"
	Malformed       Code = "malformed_xml"
	CutOff          Code = "cut_off"
	DocumentType    Code = "document_type"
	TooDeep         Code = "too_deep"
	TextTooLong     Code = "text_too_long"
	WrongEncoding   Code = "wrong_encoding"
	UnknownEncoding Code = "unknown_encoding"
	NotISO20022     Code = "not_iso20022"
	OtherMessage    Code = "other_message"
	DayReport       Code = "report_of_the_day"
	UnknownVersion  Code = "unknown_version"
	SeveralMessages Code = "several_messages"
	NoAccount       Code = "account_missing"
	AmountWrong     Code = "amount_wrong"
	CurrencyWrong   Code = "currency_wrong"
	DirectionWrong  Code = "direction_wrong"
	StatusMissing   Code = "status_missing"
	DateWrong       Code = "date_wrong"
)

// FileError is why nothing of a file is taken.
type FileError struct {
	Code Code
	Line int    // of the file; 0: the file as a whole
	What string // what was found there, such as the name of the other message
	Err  error  // what the XML parser said
}

func (e *FileError) Error() string { return string(e.Code) + ": " + e.Text("en") }

// Unwrap is what the XML parser said.
func (e *FileError) Unwrap() error { return e.Err }

// whatMax bounds what is quoted from a file, in bytes.
const whatMax = 60

// Text says in "en" or "fr" what is wrong and what to do.
func (e *FileError) Text(language string) string {
	says := sentences[e.Code]
	text := says.en
	if strings.HasPrefix(language, "fr") {
		text = says.fr
	}
	if text == "" {
		return string(e.Code)
	}
	what := e.What
	if other, known := others[what]; known {
		if what = other.en; strings.HasPrefix(language, "fr") {
			what = other.fr
		}
	}
	if len(what) > whatMax {
		what = strings.ToValidUTF8(what[:whatMax], "") + "…"
	}
	text = strings.ReplaceAll(text, "{what}", what)
	if e.Line == 0 {
		return text
	}
	if strings.HasPrefix(language, "fr") {
		return fmt.Sprintf("ligne %d : %s", e.Line, text)
	}
	return fmt.Sprintf("line %d: %s", e.Line, text)
}

type said struct{ en, fr string }

var sentences = map[Code]said{
	Empty:           {"the file is empty: download it from the bank again", "le fichier est vide : téléchargez-le de nouveau à la banque"},
	TooLarge:        {"the file is larger than any statement: ask the bank for shorter periods", "le fichier est plus grand qu’aucun relevé : demandez à la banque des périodes plus courtes"},
	NotXML:          {"this is no XML file: ask the bank for the statement as camt.053, or the notices as camt.054", "ce n’est pas un fichier XML : demandez à la banque le relevé en camt.053, ou les avis en camt.054"},
	Malformed:       {"the XML is broken here: download the file from the bank again", "le XML est abîmé à cet endroit : téléchargez de nouveau le fichier à la banque"},
	CutOff:          {"the file is cut off: nothing of it was taken; download it from the bank again", "le fichier est tronqué : rien n’en a été repris ; téléchargez-le de nouveau à la banque"},
	DocumentType:    {"the file declares a document type or entities, which no bank does: it is not read", "le fichier déclare un type de document ou des entités, ce qu’aucune banque ne fait : il n’est pas lu"},
	TooDeep:         {"elements are nested deeper than in any statement: the file is not read", "les éléments sont imbriqués plus profondément que dans aucun relevé : le fichier n’est pas lu"},
	TextTooLong:     {"a text or tag is longer than any in a statement: the file is not read", "un texte ou une balise est plus long que dans aucun relevé : le fichier n’est pas lu"},
	WrongEncoding:   {"the characters are not in the encoding that the file declares: download it again, without opening it in between", "les caractères ne sont pas dans l’encodage que le fichier déclare : téléchargez-le de nouveau, sans l’ouvrir entre-temps"},
	UnknownEncoding: {"the encoding {what} is not known: ask the bank for UTF-8", "l’encodage {what} n’est pas connu : demandez de l’UTF-8 à la banque"},
	NotISO20022:     {"this is no ISO 20022 message ({what}): a statement is camt.053, a notice camt.054", "ce n’est pas un message ISO 20022 ({what}) : un relevé est un camt.053, un avis un camt.054"},
	OtherMessage:    {"this is {what}, not a statement: a statement is camt.053, a notice camt.054", "c’est {what}, pas un relevé : un relevé est un camt.053, un avis un camt.054"},
	DayReport:       {"this is {what}, a report in the middle of the day, whose entries may still change: take the statement (camt.053) or the notices (camt.054)", "c’est {what}, un rapport en cours de journée, dont les écritures peuvent encore changer : prenez le relevé (camt.053) ou les avis (camt.054)"},
	UnknownVersion:  {"the version {what} is not known: versions 02 to 13 are read", "la version {what} n’est pas connue : les versions 02 à 13 sont lues"},
	SeveralMessages: {"the file holds more than one message: import them one by one", "le fichier contient plusieurs messages : importez-les un par un"},
	NoAccount:       {"the statement names no account", "le relevé ne nomme pas de compte"},
	AmountWrong:     {"“{what}” is no amount as banks write it (1517.30): nothing of the file was taken", "« {what} » n’est pas un montant tel que les banques l’écrivent (1517.30) : rien du fichier n’a été repris"},
	CurrencyWrong:   {"“{what}” is no currency of three letters", "« {what} » n’est pas une devise de trois lettres"},
	DirectionWrong:  {"“{what}” says neither credit (CRDT) nor debit (DBIT)", "« {what} » ne dit ni crédit (CRDT) ni débit (DBIT)"},
	StatusMissing:   {"an entry does not say whether it is booked", "une écriture ne dit pas si elle est comptabilisée"},
	DateWrong:       {"“{what}” is no date", "« {what} » n’est pas une date"},

	BalancesDisagree: {"the entries do not lead from the opening balance to the closing balance", "les écritures ne mènent pas du solde d’ouverture au solde de clôture"},
	TotalsDisagree:   {"the entries are not as many, or not as much, as the bank's totals say", "les écritures n’ont pas le nombre ou la somme que disent les totaux de la banque"},
	DetailsDisagree:  {"the details of an entry do not add up to it", "les détails d’une écriture n’en font pas la somme"},
}

// What is doubtful about a statement that can be read.
const (
	BalancesDisagree Code = "balances_disagree"
	TotalsDisagree   Code = "totals_disagree"
	DetailsDisagree  Code = "details_disagree"
)

// Doubt is something that a bank got wrong in its own sums.
type Doubt struct {
	Code Code
	Line int // of the entry; 0: the statement as a whole
}

// Text says in "en" or "fr" what is doubtful.
func (d Doubt) Text(language string) string {
	return (&FileError{Code: d.Code, Line: d.Line}).Text(language)
}
