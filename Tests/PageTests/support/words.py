"""The words of the page that tests look for, in both languages."""

WORDS = {
    "en": {
        "message": "Message", "stop": "Stop", "connect": "Connect a model", "local": "On the server's machine", "address": "Address", "model": "Model",
        "check": "Check and connect", "start": "Start talking", "hosted": "With a key", "suggestions": ["What time is it?"],
        "also": "The script also knows:", "connected": "Connected", "new": "New chat", "rehearsal": "Rehearsal: the lines come from a script",
        "poem": "Write a poem", "unknown": "No model is connected",
    },
    "pt-BR": {
        "message": "Mensagem", "stop": "Parar", "connect": "Conectar um modelo", "local": "Na máquina do servidor", "address": "Endereço", "model": "Modelo",
        "check": "Testar e conectar", "start": "Começar a conversar", "hosted": "Com uma chave", "suggestions": ["Que horas são?"],
        "also": "O roteiro também sabe responder:", "connected": "Conectado", "new": "Nova conversa", "rehearsal": "Ensaio: as falas vêm de um roteiro",
        "poem": "Escreva um poema", "unknown": "Não há um modelo conectado",
    },
}
