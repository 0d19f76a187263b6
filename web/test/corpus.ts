/** Markdown as models write it, and as they should not. Every one is cut at every character. */
export const corpus: Record<string, string> = {
  mixed: `# Title

Some **bold**, *italic*, ***both***, \`code\`, ~~gone~~ and a [link](https://example.com/a_(b)?q=1 "Title").
A second line with snake_case_words, 2 * 3 * 4 and an\\*escaped\\* star.

## Second

1. One
2. Two with **bold
   over lines**
3. Three

- a
- b
  - nested one
  - nested two
- c

> A quote with \`code\`
> on two lines
lazy third

---

Last paragraph & more &amp; entities &copy; &nbsp; &unknown; &#8364; &#x41;.
`,
  tables: `Before

| Name | Right | Centre |
| :--- | ---: | :---: |
| **a** | 1 | x |
| b \\| c | 2 | \`y\` |
| d | 3 | z |
| short |
after the table, still a row

Then text.

a | b
--|--
1 | 2

| no | table
just text
`,
  code: `Look:

\`\`\`swift
let x = 1 // one

func f() -> Int { "\\(x)" }
\`\`\`

~~~
tilde \`\`\` inside
~~~

\`\`\`\`md
\`\`\`js
nested
\`\`\`
\`\`\`\`

    indented code

    more of it

\`\`\`
no language
\`\`\`
Text right after.

\`\`\`make
all:
\techo hi
\`\`\`

- item

  \`\`\`python
  def f():
      return 1
  \`\`\`
- next
`,
  lists: `* star
* list

- dash now

1) paren
2) two

5. five
6. six
   
   loose paragraph

7. seven

- tight
- tight

- loose now
- [ ] todo
- [x] done **bold**
-
- after empty
  text

  > quote in item
  1. deep
     - deeper
       - deepest
- last

no list

- one
# Heading ends it
- two
***
- three
`,
  edges: `Intro:
- a
- b
---
Setext
===
Two lines
of heading
---
text
#not heading
# heading
text
-
text
- - -
+ plus
+
+ more

<div>
raw <b>html</b>
</div>

<!-- comment

over blank -->

A<br>B <script>alert(1)</script> <img src=x onerror=alert(1)>

***

**unclosed bold

*unclosed [link](http://

![image](https://evil.example/x.png) ![own](/v1/files/fil_1/content)

[js](javascript:alert(1)) [data](data:text/html,x) [host](//evil.example) [ok](/runs) [mail](mailto:a@b.c)

https://auto.example/path?x=1. www.example.com <https://angle.example>
`,
  maths: `Inline $x^2 + y_1$ and $5 and $6, \\(a*b*c\\), end$.

$$
\\frac{a}{b} * c * d
$$

Text before
$$ x $$
after \\[ y \\] inline

\\[
z
\\]

$$
never

closed
`,
  references: `See [one][1] and [two] and ![three][3].

- in a [list][1]
- yes

[1]: https://example.com/one "One"
[two]: <https://example.com/two>
[3]: https://example.com/three

Text after, with [one][1].
`,
  returns: "a\r\nb\r\n\r\n- c\r\n- d\r\rlast",
  unfinished: "Text\n\n```js\nconst a = 1;\n\nconst b",
  long: `${"It **spent *R$ 5* now**, `12 %` [over](https://a.b/c) and $x_1$; snake_case, 2 * 3, a\\*b. ".repeat(5)}Then **bold ${"word ".repeat(90)}ends**, a lone *star, [1] a note.`,
  longTitle: `${"A title far too long for one ".repeat(17)}\n===\n\nend`,
  longItem: `- ${"items with `code` in them, ".repeat(17)}\n- two\n\n> ${"quoted words go on ".repeat(24)}`,
  quotes: "> one\n> - a\n> - b\n>\n> ```\n> code\n> ```\n\n> two\n\nend",
};
