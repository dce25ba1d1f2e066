package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"strings"
)

// assetPath is where the stylesheet, the scripts and the icon are. They hold no secret.
const assetPath = "/assets/"

// AssetPattern is the route of the assets, which wants no login.
const AssetPattern = "GET " + assetPath + "{name}"

//go:embed *.css *.js *.svg
var assetFiles embed.FS

// asset is a file with the hash of its content in its name, so that browsers may keep
// it for ever.
type asset struct {
	name, kind string
	content    []byte
}

// assets are all of them: by their names here, and by those with a hash.
var assets, hashed = readAssets()

var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

func readAssets() (plain, hashed map[string]asset) {
	plain, hashed = map[string]asset{}, map[string]asset{}
	files, err := assetFiles.ReadDir(".")
	if err != nil {
		panic("web: " + err.Error()) // they are in the program
	}
	for _, file := range files {
		content, err := assetFiles.ReadFile(file.Name())
		if err != nil {
			panic("web: " + err.Error())
		}
		sum := sha256.Sum256(content)
		ext := path.Ext(file.Name())
		a := asset{strings.TrimSuffix(file.Name(), ext) + "." + hex.EncodeToString(sum[:6]) + ext, kinds[ext], content}
		plain[file.Name()], hashed[a.name] = a, a
	}
	return plain, hashed
}

// AssetURL is the path of an asset, such as style.css.
func AssetURL(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("web: there is no asset " + name)
	}
	return assetPath + a.name
}

func serveAsset(w http.ResponseWriter, r *http.Request) {
	a, ok := hashed[r.PathValue("name")]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(a.content) // the client may be gone
}
