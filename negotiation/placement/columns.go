package placement

import (
	"strconv"
	"strings"
)

// field is a column of ours.
type field int

const (
	fieldCreditorRef field = iota
	fieldInvoiceNumber
	fieldIssueDate
	fieldDueDate
	fieldCurrency
	fieldAmount
	fieldPaid
	fieldDebtorKind
	fieldDebtorName
	fieldSIREN
	fieldVATNumber
	fieldContactName
	fieldEmail
	fieldPhone
	fieldStreet
	fieldPostcode
	fieldCity
	fieldCountry
	fieldLanguage
	fieldContractRate
	fieldMandateRef
	fieldDescription
	fieldDocumentType
	fieldPreceding
	fieldOurs // a column that our own refused file has; passed over
	fieldCount
)

var fieldNames = [fieldCount]string{
	"creditor_ref", "invoice_number", "issue_date", "due_date", "currency", "amount_incl_vat", "amount_paid",
	"debtor_kind", "debtor_name", "siren", "vat_number", "contact_name", "email", "phone", "street", "postcode",
	"city", "country", "language", "contract_rate_percent", "mandate_ref", "description",
	"document_type", "preceding_invoice", "",
}

// maxCell is the number of characters at which a cell of any column is refused.
const maxCell = 10_000

// limits are the characters that a value of a column may have at most.
var limits = [fieldCount]int{
	60, 100, 40, 40, 20, 60, 60, 60, 300, 40, 40, 300, 254, 60, 300, 20, 150, 80, 40, 20, 100, maxCell - 1,
	60, 100, maxCell - 1,
}

// titles are the titles a column may have, folded: small letters without
// accents, spaces and signs. Those behind a bar are second choice: they count
// only where none of the first is in the file.
var titles = [fieldCount]string{
	fieldCreditorRef: `creditorref creditorreference creditor creditorid creditorcode refcreancier referencecreancier
		creancier codecreancier idcreancier numerocreancier ncreancier creancierref
		| sellerref sellerid supplierref codefournisseur reffournisseur`,
	fieldInvoiceNumber: `invoicenumber invoiceno invoicenum invoicenr invoiceid invoiceref invoicereference invoice billnumber
		ndefacture nfacture nofacture nofacture nodefacture numfacture numdefacture numerofacture numerodefacture nrfacture
		nrdefacture facturen factureno facturenumero reffacture referencefacture referencedefacture refdefacture facture
		numfact nfact nofact
		| numero number npiece numeropiece numpiece piece ndocument numerodocument documentnumber documentno reference ref`,
	fieldIssueDate: `issuedate invoicedate dateofissue dateofinvoice issued issuedon billdate
		datefacture datedefacture datefacturation datedefacturation dateemission datedemission emission emisle emisele
		datefact
		| date datepiece datedocument documentdate datedocument`,
	fieldDueDate: `duedate datedue dueon due paymentduedate payby paymentdate
		dateecheance datedecheance echeance echeancele dateecheancefacture dateech datelimite datelimitedepaiement
		datelimitepaiement dateexigibilite datedexigibilite apayeravantle apayerle payableavantle`,
	fieldCurrency: `currency currencycode invoicecurrency devise codedevise monnaie devisefacture`,
	fieldAmount: `amountinclvat amountincvat amountincludingvat amountinclusiveofvat totalinclvat totalincludingvat
		totalincvat grossamount grosstotal amountgross totalgross amountttc totalttc invoicetotal invoiceamount
		montantttc montanttotalttc totaltoutestaxes montantfacture montantfacturettc montantdelafacture mtttc mntttc ttc
		montantttceur montantttceuros totalttceur montanttoutestaxescomprises
		| montant amount total montanttotal totalamount montanteur amounteur restedu resteapayer soldedu solde balance
		amountdue netapayer montantdu montantimpaye impaye`,
	fieldPaid: `amountpaid paid paidamount alreadypaid amountalreadypaid prepaid prepaidamount received amountreceived payments
		dejaregle dejapaye montantregle montantpaye montantdejaregle montantdejapaye reglement reglements regle paye
		acompte acomptes acompteverse acomptesverses sommepayee sommesrecues montantrecu dejaverse dejaregleeur`,
	fieldDebtorKind: `debtorkind debtortype kindofdebtor typeofdebtor customertype clienttype customerkind b2bb2c
		typededebiteur typedebiteur naturedebiteur naturedudebiteur qualitedebiteur qualitedudebiteur typedeclient typeclient
		categorieclient naturedeclient professionnelparticulier particulierprofessionnel
		| kind statut qualite categorie`,
	fieldDebtorName: `debtorname debtor nameofdebtor customername customer clientname companyname buyername buyer legalname
		raisonsocialenom nomraisonsociale raisonsociale raisonsocialeounom nomouraisonsociale nomdebiteur nomdudebiteur
		debiteur nomclient nomduclient nomoudenomination denomination denominationsociale nomsociete
		| client nom name societe entreprise company fullname nomprenom nometprenom prenomnom tiers`,
	fieldSIREN: `siren nsiren nosiren numerosiren numsiren sirendebiteur sirenclient registrationnumber companynumber
		companyregistrationnumber sirensiret sirenousiret
		| siret nsiret numerosiret numsiret siretdebiteur siretclient`,
	fieldVATNumber: `vatnumber vatno vatid vat vatregistrationnumber vatidentifier taxid
		ntva notva numerotva numerodetva numtva ntvaintracommunautaire tvaintracommunautaire tvaintracom tvaintra ntvaintra
		numerotvaintracommunautaire numerodetvaintracommunautaire nidtva identifianttva codetva`,
	fieldContactName: `contactname contact contactperson attention attentionof
		nomcontact nomducontact interlocuteur personneacontacter alattentionde destinataire`,
	fieldEmail: `email emailaddress mail mailaddress emailcontact contactemail debtoremail
		adresseemail adressemail courriel adressecourriel adresseelectronique adressedemessagerie emaildebiteur emailclient mel`,
	fieldPhone: `phone phonenumber telephone telephonenumber tel mobile mobilephone cell
		ntelephone ndetelephone numerotelephone numerodetelephone numtel ntel portable telportable telephonemobile telfixe
		telephonefixe`,
	fieldStreet: `street streetaddress address address1 addressline1 addressline postaladdress
		adresse adresse1 adresseligne1 ligneadresse1 rue voie numeroetvoie nrue nderue adressepostale adressedudebiteur adressedebiteur
		adresseclient`,
	fieldPostcode: `postcode postalcode zip zipcode postcodezip codepostal cp codepost codepostaldebiteur codepostalclient`,
	fieldCity:     `city town locality ville localite commune villedebiteur villeclient`,
	fieldCountry:  `country countrycode pays codepays paysdebiteur paysclient`,
	fieldLanguage: `language lang languagecode locale langue codelangue languedudebiteur languedebiteur`,
	fieldContractRate: `contractratepercent contractrate contractualrate interestrate latepaymentrate latepaymentinterestrate
		contractratepct contractualratepct interestratepct
		tauxcontractuelpct tauxcontractuel tauxcontrat tauxdepenalite tauxpenalites tauxdepenalites tauxdinteret tauxinteret
		tauxdepenalitesderetard tauxpenalitesretard tauxderetard tauxpenalitespct
		| taux rate`,
	fieldMandateRef: `mandateref mandatereference mandate mandateid mandatenumber
		refmandat referencemandat referencedumandat refdumandat mandat nmandat ndemandat numeromandat numerodemandat nomandat`,
	fieldDescription: `description subject purpose object details invoicesubject invoicedescription
		objet objetfacture objetdelafacture libelle libellefacture designation motif nature prestation
		| comment comments commentaire commentaires remarque remarques note notes`,
	fieldDocumentType: `documenttype doctype typeofdocument invoicetype invoicetypecode documenttypecode typecode
		typededocument typedocument typepiece typedepiece naturepiece typefacture typedefacture naturedocument
		| type`,
	fieldPreceding: `precedinginvoice precedinginvoicenumber originalinvoice originalinvoicenumber correctedinvoice creditedinvoice
		relatedinvoice invoicecredited appliestoinvoice
		factureorigine facturedorigine nfactureorigine nfacturedorigine factureinitiale factureliee facturerectifiee
		factureconcernee facturecreditee numerofactureorigine numerodefactureorigine reffactureorigine refacture`,
	fieldOurs: `amiableline amiablereasoncode amiablereason`,
}

type title struct {
	field  field
	second bool // second choice
}

var titleIndex = func() map[string]title {
	index := make(map[string]title, 512)
	for f := range fieldCount {
		first, second, _ := strings.Cut(titles[f], "|")
		for _, t := range strings.Fields(first) {
			index[t] = title{f, false}
		}
		for _, t := range strings.Fields(second) {
			index[t] = title{f, true}
		}
		if fieldNames[f] != "" {
			index[fold(fieldNames[f])] = title{f, false}
		}
	}
	return index
}()

// mandatory are the columns without which no line can be taken over.
var mandatory = []field{fieldInvoiceNumber, fieldDueDate, fieldAmount, fieldDebtorName}

// header is what the first line of a file says about its columns.
type header struct {
	columns []Column
	at      [fieldCount]int // where a column of ours is; -1 where it is not
	extra   []int           // columns that we have no name for
}

// several are the columns that a file may well have twice under different titles,
// as a telephone and a mobile: the first in the file is ours, the others are kept
// under their titles.
var several = map[field]bool{
	fieldDebtorName: true, fieldContactName: true, fieldEmail: true, fieldPhone: true, fieldStreet: true,
	fieldCountry: true, fieldDescription: true, fieldVATNumber: true, fieldSIREN: true, fieldDocumentType: true,
}

// readHeader finds out which column is which. A first choice wins over a second.
// Where that leaves two for a date, an amount or a number the file is refused:
// none of these is taken from a column by luck.
//
// Columns without a title at the end are none; others without are numbered.
func readHeader(cells []string) (header, error) {
	for len(cells) > 0 && trim(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	h := header{columns: make([]Column, len(cells))}
	var first, second [fieldCount][]int
	for i, name := range cells {
		if h.columns[i].Name = plainText(trim(name)); h.columns[i].Name == "" {
			h.columns[i].Name = "#" + strconv.Itoa(i+1)
			continue
		}
		t, known := titleIndex[fold(h.columns[i].Name)]
		switch {
		case !known:
		case t.field == fieldOurs:
			h.columns[i].Ours = true
		case t.second:
			second[t.field] = append(second[t.field], i)
		default:
			first[t.field] = append(first[t.field], i)
		}
	}
	for f := range fieldCount {
		h.at[f] = -1
		found := first[f]
		if len(found) == 0 {
			found = second[f]
		}
		if len(found) == 0 {
			continue
		}
		h.at[f] = found[0]
		h.columns[found[0]].Meaning = fieldNames[f]
		for _, other := range found[1:] {
			a, b := h.columns[found[0]].Name, h.columns[other].Name
			if !several[f] || fold(a) == fold(b) {
				return h, &FileError{Code: DuplicateColumn, Columns: []string{a, b}, Meaning: fieldNames[f]}
			}
		}
	}
	for i, c := range h.columns {
		if c.Meaning == "" && !c.Ours {
			h.extra = append(h.extra, i)
		}
	}
	return h, nil
}

// missing returns the mandatory columns that the file does not have.
func (h header) missing(creditorGiven bool) []string {
	var names []string
	if h.at[fieldCreditorRef] < 0 && !creditorGiven {
		names = append(names, fieldNames[fieldCreditorRef])
	}
	for _, f := range mandatory {
		if h.at[f] < 0 {
			names = append(names, fieldNames[f])
		}
	}
	return names
}

// known counts the titles that mean something to us.
func known(titles []string) int {
	n := 0
	for _, t := range titles {
		if _, found := titleIndex[fold(t)]; found {
			n++
		}
	}
	return n
}

// guessDelimiter returns the delimiter by which the header says most to us.
func guessDelimiter(line []byte) byte {
	best, bestKnown, bestCells := byte(','), -1, 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		var r row
		r.cut(line, classesFor(d), true)
		names := make([]string, len(r.ends))
		for i := range names {
			names[i] = string(r.cell(i))
		}
		if n := known(names); n > bestKnown || (n == bestKnown && len(names) > bestCells) {
			best, bestKnown, bestCells = d, n, len(names)
		}
	}
	return best
}
