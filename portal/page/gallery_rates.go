package page

func (w world) rates() []Specimen {
	rates := func() *RatesPage {
		known := func(percent string, verified bool) RateCell {
			return RateCell{Percent: percent, Source: "arrêté du 15 décembre 2025, JO du 26", Verified: verified}
		}
		return &RatesPage{StaffBase: w.agentBase("agency", "/agent/rates"), Half: "2027-01-01", Kinds: []string{"ecb_mro", "fr_legal_individual_creditor", "fr_legal_other_creditor"}, Rows: []HalfYearRow{
			{From: "2027-01-01", To: "2027-06-30", Rates: []RateCell{known("2,15 %", true), {}, {}}},
			{From: "2026-07-01", To: "2026-12-31", Rates: []RateCell{known("2,15 %", true), known("6,65 %", false), known("2,75 %", false)}},
		}}
	}
	wrong := rates()
	wrong.Form = typed("ecb_mro", "215", "source", "")
	wrong.Form.Errors = append(wrong.Form.Errors, FieldError{Field: "ecb_mro", Text: w.lang.T("refusal.rate_out_of_range")})
	return []Specimen{{In: "one missing", Page: rates()}, {In: "wrong", Page: wrong}}
}
