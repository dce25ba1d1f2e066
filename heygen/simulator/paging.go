package simulator

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strconv"
)

// paged answers one page of a short list in its own order.
func paged[T any](query url.Values, all []T, size, most int) answer {
	limit, p := pageSize(query, size, most)
	if p != nil {
		return p.answer()
	}
	left, p := pageStart(query, len(all))
	if p != nil {
		return p.answer()
	}
	page := all[len(all)-left:]
	if len(page) <= limit {
		return list(page, "")
	}
	return list(page[:limit], cursor(left-limit))
}

// pageSize reads limit, from 1 to most.
func pageSize(query url.Values, size, most int) (int, *problem) {
	if !query.Has("limit") {
		return size, nil
	}
	n, err := strconv.Atoi(query.Get("limit"))
	if err != nil || n < 1 || n > most {
		return 0, invalid("limit", fmt.Sprintf("Input should be an integer from 1 to %d", most))
	}
	return n, nil
}

// pageStart reads the token of a page: how many of the list's last items are
// left to show. Without a token all of them are.
func pageStart(query url.Values, all int) (int, *problem) {
	if query.Get("token") == "" {
		return all, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(query.Get("token"))
	left, bad := strconv.Atoi(string(raw))
	if err != nil || bad != nil || left < 0 {
		return 0, invalid("token", "Invalid pagination token.")
	}
	return min(left, all), nil
}

// cursor is the token of the page that begins with left items to go.
func cursor(left int) string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(left)))
}
