import BatutaCore

extension OpenAPIImport {
    /// Names of the tools in a folder, by their files.
    public static func tools(in folder: String) -> Set<String> {
        Set(ProjectFolder.names(in: folder).filter { $0.hasSuffix(".yaml") }.map(ProjectLayout.stem))
    }

    /// Writes the files into a folder, which is made when it does not exist. Nothing that is there is ever written over. Blocks.
    public func write(into folder: String) throws(ProjectTemplateError) {
        for file in files { try ProjectTemplate.writeNew(Array(file.text.utf8), to: file.name + ".yaml", in: folder) }
    }
}

extension OpenAPIImport {
    /// A document's bytes. Blocks.
    public static func read(file: String) throws(ProjectTemplateError) -> [UInt8] {
        switch ProjectFolder.readBytes(ProjectFolder.realPath(file) ?? file, atMost: longest) {
        case .success(let bytes): return bytes
        case .failure(let failure):
            let message = Words("\(file) cannot be read: ", "Não foi possível ler \(file): ") + failure.reason + Words(".", ".")
            throw ProjectTemplateError(.notWritable, message)
        }
    }
}
