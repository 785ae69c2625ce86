package sandbox

import "maps"

// Stripe's limits on metadata.
const (
	mostMetadata        = 50
	longestMetadataKey  = 40
	longestMetadataText = 500
)

func checkMetadata(path string, p *param) *refusal {
	if p == nil {
		return nil
	}
	if len(p.keys) > mostMetadata {
		return invalid(path, "", "Metadata can have up to %d keys.", mostMetadata)
	}
	for _, key := range p.keys {
		if len([]rune(key)) > longestMetadataKey {
			return invalid(path, "", "Metadata keys can be up to %d characters long: %s", longestMetadataKey, key)
		}
		if len([]rune(p.below[key].value)) > longestMetadataText {
			return invalid(path+"["+key+"]", "", "Metadata values can have up to %d characters, but you passed in a value that is too long.", longestMetadataText)
		}
	}
	return nil
}

// merge returns metadata with a caller's changes: keys are set or, with an
// empty text, removed; an empty text for the whole removes everything. The map
// given is never changed, since events and answers may still hold it.
func merge(have map[string]string, changes *param) map[string]string {
	merged := map[string]string{}
	if changes == nil {
		maps.Copy(merged, have)
		return merged
	}
	if len(changes.keys) == 0 {
		return merged
	}
	maps.Copy(merged, have)
	for _, key := range changes.keys {
		if text := changes.below[key].value; text == "" {
			delete(merged, key)
		} else {
			merged[key] = text
		}
	}
	return merged
}
