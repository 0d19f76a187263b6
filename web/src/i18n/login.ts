import { addTexts } from "./late";

export const en = {
  "login.title": "Sign in to Batuta",
  "login.email": "E-mail",
  "login.password": "Password",
  "login.submit": "Sign in",
  "login.wrong": "That e-mail and password don't go together. Check both and try again.",
  "login.tooMany": "That was a lot of tries. To keep your account safe, wait {time} and try again.",
  "login.wait": "Try again in {time}",
  "login.already": "You are already signed in here.",
  "login.continue": "Continue",
  "login.linkUsed.title": "That link no longer works",
  "login.linkUsed.text": "A sign-in link works once, and for one day. Ask for a new one as described below, or use your password.",
  "login.signedOut.title": "You were signed out; sign in again",
  "login.signedOut.text": "This happens when your password is changed in another browser, or when an administrator ends your access.",
  "login.help.title": "No account or password yet?",
  "login.help.own": "On the machine where Batuta runs, open the link that the server printed when it started, or print a new one:",
  "login.help.command": "Command that prints a sign-in link",
  "login.help.other": "Is it someone else's server? Ask an administrator for a sign-in link. Then set your password under Settings.",
};

export const pt: Record<keyof typeof en, string> = {
  "login.title": "Entrar no Batuta",
  "login.email": "E-mail",
  "login.password": "Senha",
  "login.submit": "Entrar",
  "login.wrong": "O e-mail e a senha não batem. Confira os dois e tente de novo.",
  "login.tooMany": "Foram muitas tentativas. Para proteger a conta, espere {time} e tente de novo.",
  "login.wait": "Tente de novo em {time}",
  "login.already": "Você já entrou neste navegador.",
  "login.continue": "Continuar",
  "login.linkUsed.title": "Este link não vale mais",
  "login.linkUsed.text": "Cada link de acesso funciona uma vez só, por um dia. Peça outro como explicado abaixo, ou entre com sua senha.",
  "login.signedOut.title": "Você saiu da conta; entre de novo",
  "login.signedOut.text": "Isso acontece quando sua senha é trocada em outro navegador, ou quando quem administra encerra o seu acesso.",
  "login.help.title": "Ainda não tem conta ou senha?",
  "login.help.own": "Na máquina em que o Batuta roda, abra o link que o servidor mostrou ao iniciar, ou gere outro:",
  "login.help.command": "Comando que gera um link de acesso",
  "login.help.other": "O servidor é de outra pessoa? Peça um link de acesso a quem administra. Depois, crie sua senha nos Ajustes.",
};

addTexts(en, pt);
