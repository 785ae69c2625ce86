package portal

import (
	"strings"

	"github.com/labstack/echo/v4"
)

// marks are what tells browsers and systems apart in what a browser says of
// itself. The order matters: most browsers also name those they descend from.
var (
	browserMarks = [][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser/", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS/", "Firefox"}, {"Chrome/", "Chrome"}, {"CriOS/", "Chrome"}, {"Safari/", "Safari"}}
	systemMarks  = [][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"Windows", "Windows"}, {"Mac OS X", "Mac"}, {"Linux", "Linux"}}
)

// device is with what somebody signs in, for them to know it again.
func device(c echo.Context) string { return deviceName(c.Request().UserAgent()) }

// deviceName is the browser and the system of a visitor, as people call them;
// empty where neither is known.
func deviceName(userAgent string) string {
	first := func(marks [][2]string) string {
		for _, mark := range marks {
			if strings.Contains(userAgent, mark[0]) {
				return mark[1]
			}
		}
		return ""
	}
	return strings.Join(notEmpty(first(browserMarks), first(systemMarks)), ", ")
}
