package portal

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"amiable/negotiation"
	"amiable/portal/page"
)

const templatesPath = "/agent/templates"

// templateRoutes are the texts that agents begin a message with.
func (s *Server) templateRoutes() []Route {
	const get, post = http.MethodGet, http.MethodPost
	return []Route{
		{get, templatesPath, Agents, s.showTemplates},
		{post, templatesPath, Agents, s.saveTemplate},
		{get, templatesPath + "/:template", Agents, s.showTemplates},
		{post, templatesPath + "/:template", Agents, s.saveTemplate},
		{post, templatesPath + "/:template/retirement", Agents, s.retireTemplate},
	}
}

func (s *Server) showTemplates(c echo.Context) error {
	return s.answerTemplates(c, http.StatusOK, s.kept(c, page.Form{}))
}

// answerTemplates lists the templates, with a form for the one of the address or
// for a new one.
func (s *Server) answerTemplates(c echo.Context, code int, form page.Form) error {
	templates, err := s.negotiation.Templates(c.Request().Context())
	if err != nil {
		return err
	}
	p := &page.Templates{StaffBase: s.staffBase(c, "work"), Action: templatesPath, Form: form}
	for _, name := range negotiation.Placeholders {
		p.Placeholders = append(p.Placeholders, page.Choice{Value: negotiation.PlaceholderIn(string(p.Lang), name), Label: p.Lang.T("templates.put." + name)})
	}
	for i := range templates {
		t := &templates[i]
		p.Rows = append(p.Rows, page.TemplateRow{
			URL: templatesPath + "/" + t.ID, Name: t.Name, By: t.ByName, FR: t.WordsFR != "", EN: t.WordsEN != "", On: negotiation.DayOf(t.ChangedAt),
		})
	}
	if id := c.Param("template"); id != "" {
		i := slices.IndexFunc(templates, func(t negotiation.MessageTemplate) bool { return t.ID == id })
		if i < 0 {
			return negotiation.Refuse(negotiation.NotFound, "not_found")
		}
		t := &templates[i]
		p.Action, p.Changes, p.RetireURL = templatesPath+"/"+t.ID, t.Name, templatesPath+"/"+t.ID+"/retirement"
		if form.Values == nil {
			p.Form.Values = map[string]string{"name": t.Name, "words_fr": t.WordsFR, "words_en": t.WordsEN}
		}
	}
	if p.CurrentPath == "" {
		p.CurrentPath = p.Action
	}
	return s.showConsole(c, code, p)
}

// saveTemplate adds a template, or changes the one of the address.
func (s *Server) saveTemplate(c echo.Context) error {
	form := typed(c, "name", "words_fr", "words_en")
	_, err := s.negotiation.SaveTemplate(c.Request().Context(), who(c).Actor, negotiation.MessageTemplate{
		ID: c.Param("template"), Name: form.Values["name"], WordsFR: form.Values["words_fr"], WordsEN: form.Values["words_en"],
	})
	if r := negotiation.AsRefusal(err); r != nil && r.Kind != negotiation.NotFound {
		note(&form, s.language(c), r)
		return s.answerTemplates(c, status(r), form)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, templatesPath+"?done=template_saved")
}

// retireTemplate takes a template out of use.
func (s *Server) retireTemplate(c echo.Context) error {
	if err := s.negotiation.RetireTemplate(c.Request().Context(), who(c).Actor, c.Param("template")); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, templatesPath+"?done=template_retired")
}
