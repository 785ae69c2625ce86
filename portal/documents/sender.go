package documents

import "strings"

// sender writes who the document comes from, at the top of its first page.
func (s *sheet) sender(agency Identity) {
	s.paragraph(plain(agency.Name), faceHeading)
	for _, l := range s.senderLines(agency) {
		s.paragraph(l, faceSecond)
	}
	s.gap(9)
}

func (s *sheet) senderLines(agency Identity) []string {
	lines := []string{}
	for _, l := range agency.address() {
		lines = append(lines, plain(l))
	}
	if agency.SIREN != "" {
		lines = append(lines, s.t("siren", "siren", grouped(agency.SIREN, 3)))
	}
	if reach := s.reach(agency); reach != "" {
		lines = append(lines, reach)
	}
	return lines
}

// reach writes phone, hours and mail in one line.
func (s *sheet) reach(i Identity) string {
	var parts []string
	if i.Phone != "" {
		parts = append(parts, s.l.Phone(plain(i.Phone)))
	}
	if i.Hours != "" {
		parts = append(parts, s.l.Typeset(plain(i.Hours)))
	}
	if i.Email != "" {
		parts = append(parts, plain(i.Email))
	}
	return strings.Join(parts, " · ")
}

// footOf is the line at the foot of each page: from whom, about what.
func (s *sheet) footOf(agency Identity, reference string) string {
	parts := []string{plain(agency.oneLine())}
	if reference != "" {
		parts = append(parts, s.t("foot.case", "reference", strings.ReplaceAll(reference, " ", "\u00a0")))
	}
	return strings.Join(parts, " · ")
}

// grouped puts a no-break space after every n characters.
func grouped(text string, n int) string {
	text = strings.Join(strings.Fields(text), "")
	var b strings.Builder
	for i, r := range []rune(text) {
		if i > 0 && i%n == 0 {
			b.WriteRune('\u00a0')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// chain names the state of the case's record on which a document rests.
func (s *sheet) chain(head string) {
	if head != "" {
		s.second(s.t("chain", "head", head[:min(16, len(head))]))
	}
}
