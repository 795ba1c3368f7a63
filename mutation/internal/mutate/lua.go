package mutate

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	luaCall    = regexp.MustCompile(`^\s*(redis\.p?call\(|table\.\w+\(|[a-z]\w*\()`)
	luaAssign  = regexp.MustCompile(`^\s*[a-z][\w.\[\]#+ ]*(?:, *\w+)* = `)
	luaReturn  = regexp.MustCompile(`^\s*return\b`)
	luaIf      = regexp.MustCompile(`\b(?:if|elseif|while)\s+(.*?)\s+(?:then|do)\b`)
	luaNumber  = regexp.MustCompile(`(?:^|[^\w.'\[])(\d+)\b`)
	luaSwapped = regexp.MustCompile(`~=|==|<=|>=|<|>| and | or |\bnot | \+ | - `)
	luaFunc    = regexp.MustCompile(`^\s*local function (\w+)`)
)

var luaSwaps = map[string][]string{
	"~=": {"=="}, "==": {"~="}, "<=": {"<"}, "<": {"<="}, ">=": {">"}, ">": {">="},
	" and ": {" or "}, " or ": {" and "}, "not ": {""}, " + ": {" - "}, " - ": {" + "},
}

// lua goes by lines, of which each has one statement: that is how the scripts are written.
func lua(source []byte) []*Mutant {
	var found []*Mutant
	at, fn := 0, ""
	for line := range strings.Lines(string(source)) {
		start := at
		at += len(line)
		code, _, _ := strings.Cut(strings.TrimRight(line, "\n"), "--")
		if strings.TrimSpace(code) == "" {
			continue
		}
		if m := luaFunc.FindStringSubmatch(code); m != nil {
			fn = m[1]
		} else if !strings.HasPrefix(code, " ") && code != "end" {
			fn = ""
		}
		add := func(kind string, from, to int, by string) {
			found = append(found, &Mutant{
				Func: fn, Kind: kind, Text: oneLine(code), edits: []edit{{start + from, start + to, by}},
			})
		}
		whole := !strings.HasSuffix(strings.TrimSpace(code), ",") && balanced(code)
		if whole && (luaCall.MatchString(code) || luaAssign.MatchString(code) && !strings.Contains(code, "local ")) {
			add("remove", 0, len(code), "")
		}
		if whole && luaReturn.MatchString(code) && strings.HasPrefix(code, " ") {
			add("remove", 0, len(code), "")
		}
		if m := luaIf.FindStringSubmatchIndex(code); m != nil {
			add("true", m[2], m[3], "(("+code[m[2]:m[3]]+") or true)")
			add("false", m[2], m[3], "(("+code[m[2]:m[3]]+") and false)")
		}
		for _, m := range luaSwapped.FindAllStringIndex(code, -1) {
			op := code[m[0]:m[1]]
			for _, by := range luaSwaps[op] {
				add(strings.TrimSpace(op)+" to "+strings.TrimSpace(by), m[0], m[1], by)
			}
		}
		for _, m := range luaNumber.FindAllStringSubmatchIndex(code, -1) {
			if strings.Contains(code[:m[2]], "KEYS[") && strings.HasSuffix(code[:m[2]], "[") {
				continue
			}
			n, err := strconv.Atoi(code[m[2]:m[3]])
			if err != nil {
				continue
			}
			by, kind := strconv.Itoa(n+1), "one more"
			if n >= 10 {
				by, kind = strconv.Itoa(2*n), "double"
			}
			add(kind, m[2], m[3], by)
		}
	}
	return found
}

// balanced reports whether a line closes what it opens: a statement that ends in another
// line is left alone.
func balanced(code string) bool {
	return strings.Count(code, "(") == strings.Count(code, ")") && strings.Count(code, "{") == strings.Count(code, "}")
}
